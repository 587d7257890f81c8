//! The JSON form: `copy-preflight/organization/v1`.

use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::survey::{Report, Subject as Judged};
use serde::Serialize;

use super::super::Subject;
use super::super::json::{
    DocumentJson, OutcomeJson, ProblemJson, ToolJson, document, outcome, problem, tool,
};
use super::causes::causes;

/// The whole report. Every outcome stands there once; the organization and the accounts name
/// theirs by number.
#[derive(Debug, Serialize)]
pub struct SurveyJson {
    schema: &'static str,
    tool: ToolJson,
    verdict: &'static str,
    certainty: &'static str,
    problems: Vec<ProblemJson>,
    documents: Vec<DocumentJson>,
    outcomes: Vec<OutcomeJson>,
    organization: SubjectJson,
    accounts: Vec<AccountJson>,
    causes: Vec<CauseJson>,
}

#[derive(Debug, Serialize)]
struct SubjectJson {
    verdict: &'static str,
    certainty: &'static str,
    counts: CountsJson,
    outcomes: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct AccountJson {
    id: String,
    name: Option<String>,
    #[serde(flatten)]
    subject: SubjectJson,
}

#[derive(Debug, Serialize)]
struct CountsJson {
    broken: usize,
    undecided: usize,
    holds: usize,
    not_applicable: usize,
}

/// Findings that say the same, and whom they concern.
#[derive(Debug, Serialize)]
struct CauseJson {
    outcomes: Vec<usize>,
    organization: bool,
    accounts: Vec<String>,
}

/// The JSON form of a report.
#[must_use]
pub fn survey(subject: Subject<'_, Report>) -> SurveyJson {
    let report = subject.report;
    let causes = causes(report);
    SurveyJson {
        schema: "copy-preflight/organization/v1",
        tool: tool(subject.facts, subject.now),
        verdict: report.verdict.word(),
        certainty: report.certainty.word(),
        problems: subject.inputs.problems().iter().map(|one| problem(subject, one)).collect(),
        documents: report.slots.iter().map(|slot| document(subject, slot)).collect(),
        outcomes: report.outcomes.iter().map(|one| outcome(subject, one)).collect(),
        organization: of(report, &report.organization),
        accounts: report
            .accounts
            .iter()
            .map(|account| AccountJson {
                id: account.id.clone(),
                name: account.name.clone(),
                subject: of(report, &account.subject),
            })
            .collect(),
        causes: causes
            .into_iter()
            .map(|cause| CauseJson {
                outcomes: cause.outcomes.into_iter().collect(),
                organization: cause.organization,
                accounts: cause.accounts.iter().map(|account| account.id.clone()).collect(),
            })
            .collect(),
    }
}

fn of(report: &Report, subject: &Judged) -> SubjectJson {
    let count = |kind| report.of(subject).filter(|one| one.outcome.kind == kind).count();
    SubjectJson {
        verdict: subject.verdict.word(),
        certainty: subject.certainty.word(),
        counts: CountsJson {
            broken: count(OutcomeKind::Broken),
            undecided: count(OutcomeKind::Undecided),
            holds: count(OutcomeKind::Holds),
            not_applicable: count(OutcomeKind::NotApplicable),
        },
        outcomes: subject.outcomes.clone(),
    }
}
