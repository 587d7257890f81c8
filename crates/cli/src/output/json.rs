//! The JSON form of a report: `copy-preflight/report/v1`.
//!
//! Structs of their own, so that the engine can change without the form. Offsets are bytes,
//! lines and columns count from 1, columns count characters. Null means unknown.

use copy_preflight_policy::source::Span;
use copy_preflight_rules::check::{CopyReport, RuleOutcome};
use copy_preflight_rules::copy::{FromKind, PlannedCopy, SourceKeys};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::{Address, Entry, Problem};
use copy_preflight_rules::outcome::{Applies, Fix, Label, Missing, OutcomeKind};
use copy_preflight_rules::view::Slot;
use serde::Serialize;

use super::Subject;

/// The whole report.
#[derive(Debug, Serialize)]
pub struct ReportJson {
    schema: &'static str,
    tool: ToolJson,
    verdict: &'static str,
    certainty: &'static str,
    problems: Vec<ProblemJson>,
    unjudged_gates: Vec<&'static str>,
    documents: Vec<DocumentJson>,
    copies: Vec<CopyJson>,
}

#[derive(Debug, Serialize)]
pub(super) struct ToolJson {
    name: &'static str,
    version: &'static str,
    facts_as_of: String,
    /// How old the facts are at the time as of which was judged.
    facts_age_days: Option<i64>,
    facts_overridden: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ProblemJson {
    path: String,
    message: String,
    line: Option<u32>,
    column: Option<u32>,
    /// How many more problems of the kind the file has.
    more: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct DocumentJson {
    slot: String,
    id: String,
    origin: Option<OriginJson>,
    outcomes: Vec<OutcomeJson>,
}

#[derive(Debug, Serialize)]
struct OriginJson {
    path: String,
    /// The call that brought it, where it was made in this run.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<OriginCallJson>,
}

#[derive(Debug, Serialize)]
struct OriginCallJson {
    service: String,
    operation: String,
    account: String,
    region: String,
    time: String,
    request_id: Option<String>,
}

#[derive(Debug, Serialize)]
struct CopyJson {
    id: String,
    from: FromJson,
    source: SourceJson,
    destination: DestinationJson,
    resource_type: Option<String>,
    variant: Option<String>,
    recovery_point_arn: Option<String>,
    role_arn: Option<String>,
    lifecycle: LifecycleJson,
    verdict: &'static str,
    certainty: &'static str,
    /// Whether the copy counts for the verdict of the report.
    counts: bool,
    /// The id of the document in each slot that a rule read.
    documents: std::collections::BTreeMap<String, String>,
    outcomes: Vec<OutcomeJson>,
}

#[derive(Debug, Serialize)]
pub(super) struct FromJson {
    kind: &'static str,
    name: Option<String>,
    rule: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct SourceJson {
    account: String,
    region: String,
    vault_arn: String,
    key_arn: Option<String>,
    key_arns: Vec<String>,
    encrypted: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct DestinationJson {
    account: String,
    region: String,
    vault_arn: String,
    key_arn: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct LifecycleJson {
    delete_after_days: Option<i64>,
    cold_after_days: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(super) struct OutcomeJson {
    rule: String,
    outcome: &'static str,
    reason: Option<&'static str>,
    certainty: &'static str,
    level: &'static str,
    message: String,
    labels: Vec<LabelJson>,
    missing: Vec<MissingJson>,
    depends_on: Vec<DependsJson>,
    answer: Option<String>,
    aws_says: Vec<String>,
    help: Option<String>,
    facts: Vec<String>,
    fix: Option<FixJson<EditJson>>,
}

#[derive(Debug, Serialize)]
pub(super) struct LabelJson {
    slot: String,
    start: u32,
    end: u32,
    line: u32,
    column: u32,
    text: String,
    note: String,
    in_file: Option<InFileJson>,
}

#[derive(Debug, Serialize)]
struct InFileJson {
    path: String,
    start: u32,
    end: u32,
    line: u32,
    column: u32,
}

#[derive(Debug, Serialize)]
struct MissingJson {
    what: String,
    why: &'static str,
    permission: Option<String>,
    account: Option<String>,
    refused_by: Option<String>,
    command: Option<String>,
}

#[derive(Debug, Serialize)]
struct DependsJson {
    key: String,
}

/// A fix; its edits name their documents as the report does.
#[derive(Debug, Serialize)]
pub(super) struct FixJson<E> {
    summary: String,
    /// A statement to add; null where the edits say everything.
    statement: Option<serde_json::Value>,
    edits: Vec<E>,
    applies: &'static str,
}

impl<E> FixJson<E> {
    pub(super) fn of(fix: &Fix, edits: Vec<E>) -> Self {
        Self {
            summary: fix.summary.clone(),
            statement: fix.statement.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            edits,
            applies: match fix.applies {
                Applies::AsIs => "as-is",
                Applies::Review => "review",
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct EditJson {
    slot: String,
    start: u32,
    end: u32,
    text: String,
}

/// The JSON form of a report.
#[must_use]
pub fn report(subject: Subject<'_>) -> ReportJson {
    let report = subject.report;
    ReportJson {
        schema: "copy-preflight/report/v1",
        tool: tool(subject.facts, subject.now),
        verdict: report.verdict.word(),
        certainty: report.certainty.word(),
        problems: subject.inputs.problems().iter().map(|one| problem(subject, one)).collect(),
        unjudged_gates: report.unjudged.iter().map(|gate| gate.words()).collect(),
        documents: documents(subject),
        copies: report.copies.iter().map(|one| copy(subject, one)).collect(),
    }
}

pub(super) fn problem<R>(subject: Subject<'_, R>, problem: &Problem) -> ProblemJson {
    let place = problem.place.map(|span| subject.inputs.sources.outermost(span));
    let position =
        place.and_then(|span| Some(subject.inputs.sources.get(span.source)?.position(span.start)));
    ProblemJson {
        path: subject.path(&problem.name),
        message: problem.message.clone(),
        line: position.map(|position| position.line),
        column: position.map(|position| position.column),
        more: problem.more,
    }
}

fn documents(subject: Subject<'_>) -> Vec<DocumentJson> {
    let mut slots: Vec<&Slot> = subject.report.copies.iter().flat_map(|copy| &copy.slots).collect();
    slots.sort();
    slots.dedup();
    slots.into_iter().map(|slot| document(subject, slot)).collect()
}

pub(super) fn document<R>(subject: Subject<'_, R>, slot: &Slot) -> DocumentJson {
    DocumentJson {
        slot: slot.name.clone(),
        id: slot.address.path(),
        origin: origin(subject, &slot.address),
        outcomes: Vec::new(),
    }
}

fn origin<R>(subject: Subject<'_, R>, address: &Address) -> Option<OriginJson> {
    let source = match subject.inputs.get(address)? {
        Entry::Present(answer) => Some(answer.source),
        Entry::Absent(absence) => absence.place.map(|place| place.source),
    };
    let name = &subject.inputs.sources.get(source?)?.name;
    let call = subject.inputs.call(address).map(|call| OriginCallJson {
        service: call.service.clone(),
        operation: call.operation.clone(),
        account: call.account.clone(),
        region: call.region.clone(),
        time: call.started.to_string(),
        request_id: call.request_id.clone(),
    });
    Some(OriginJson { path: subject.path(name), call })
}

fn copy(subject: Subject<'_>, report: &CopyReport) -> CopyJson {
    let copy = &report.copy;
    let vault_key = report.slots.iter().find(|slot| slot.name == "destination-key");
    CopyJson {
        id: copy.id(),
        from: from(copy),
        source: source(copy),
        destination: destination(copy, vault_key.map(|slot| &slot.address)),
        resource_type: copy.resource_type.clone(),
        variant: copy.variant.clone().filter(|variant| !variant.is_empty()),
        recovery_point_arn: copy.recovery_point.clone(),
        role_arn: copy.role.as_ref().map(ToString::to_string),
        lifecycle: lifecycle(copy),
        verdict: report.verdict.word(),
        certainty: report.certainty.word(),
        counts: report.counts,
        documents: report
            .slots
            .iter()
            .map(|slot| (slot.name.clone(), slot.address.path()))
            .collect(),
        outcomes: report.outcomes.iter().map(|one| outcome(subject, one)).collect(),
    }
}

pub(super) fn from(copy: &PlannedCopy) -> FromJson {
    FromJson {
        kind: match copy.from.kind {
            FromKind::Flags => "flags",
            FromKind::Plan => "plan",
            FromKind::Policy => "policy",
            FromKind::Job => "job",
        },
        name: copy.from.name.clone(),
        rule: copy.from.rule.clone(),
    }
}

pub(super) fn source(copy: &PlannedCopy) -> SourceJson {
    let key_arns: Vec<String> = match &copy.source_keys {
        SourceKeys::Given(keys) => keys.iter().map(ToString::to_string).collect(),
        SourceKeys::NotGiven | SourceKeys::Unencrypted => Vec::new(),
    };
    SourceJson {
        account: copy.source.account.clone(),
        region: copy.source.region.clone(),
        vault_arn: copy.source.to_string(),
        key_arn: key_arns.first().cloned(),
        key_arns,
        encrypted: match copy.source_keys {
            SourceKeys::NotGiven => None,
            SourceKeys::Unencrypted => Some(false),
            SourceKeys::Given(_) => Some(true),
        },
    }
}

pub(super) fn destination(copy: &PlannedCopy, key: Option<&Address>) -> DestinationJson {
    DestinationJson {
        account: copy.destination.account.clone(),
        region: copy.destination.region.clone(),
        vault_arn: copy.destination.to_string(),
        key_arn: key.and_then(|address| match address {
            Address::Key(arn) => Some(arn.to_string()),
            _ => None,
        }),
    }
}

pub(super) fn lifecycle(copy: &PlannedCopy) -> LifecycleJson {
    LifecycleJson {
        delete_after_days: copy.lifecycle.delete_after_days,
        cold_after_days: copy.lifecycle.cold_after_days,
    }
}

pub(super) fn tool(facts: &Facts, now: Option<jiff::Timestamp>) -> ToolJson {
    ToolJson {
        name: "copy-preflight",
        version: env!("CARGO_PKG_VERSION"),
        facts_as_of: facts.as_of().to_owned(),
        facts_age_days: now.and_then(|now| facts.age_in_days(now)),
        facts_overridden: facts.overridden().to_vec(),
    }
}

pub(super) fn outcome<R>(subject: Subject<'_, R>, one: &RuleOutcome) -> OutcomeJson {
    let outcome = &one.outcome;
    OutcomeJson {
        rule: one.rule.id(),
        outcome: outcome.kind.word(),
        reason: outcome
            .reason
            .filter(|_| matches!(outcome.kind, OutcomeKind::Broken | OutcomeKind::Undecided)),
        certainty: outcome.certainty.word(),
        level: one.rule.level.word(),
        message: outcome.message.clone(),
        labels: outcome.labels.iter().map(|one| label(subject, one)).collect(),
        missing: outcome.missing.iter().map(missing).collect(),
        depends_on: outcome
            .depends_on
            .iter()
            .map(|key| DependsJson { key: key.to_string() })
            .collect(),
        answer: outcome.answer.clone(),
        aws_says: outcome.aws_says.clone(),
        help: outcome.help.clone(),
        facts: outcome.facts.iter().cloned().collect(),
        fix: outcome.fix.as_ref().map(fix),
    }
}

pub(super) fn label<R>(subject: Subject<'_, R>, label: &Label) -> LabelJson {
    let sources = &subject.inputs.sources;
    let position = sources.get(label.span.source).map(|source| source.position(label.span.start));
    LabelJson {
        slot: label.slot.clone(),
        start: label.span.start,
        end: label.span.end,
        line: position.map_or(1, |position| position.line),
        column: position.map_or(1, |position| position.column),
        text: sources.slice(label.span).to_owned(),
        note: label.note.clone(),
        in_file: in_file(subject, label.span),
    }
}

fn in_file<R>(subject: Subject<'_, R>, span: Span) -> Option<InFileJson> {
    let (name, span) = subject.in_file(span)?;
    let position = subject.inputs.sources.get(span.source)?.position(span.start);
    Some(InFileJson {
        path: subject.path(&name),
        start: span.start,
        end: span.end,
        line: position.line,
        column: position.column,
    })
}

fn missing(missing: &Missing) -> MissingJson {
    MissingJson {
        what: missing.what.clone(),
        why: missing.why.word(),
        permission: missing.permission.clone(),
        account: missing.account.clone(),
        refused_by: missing.refused_by.clone(),
        command: missing.command.clone(),
    }
}

fn fix(fix: &Fix) -> FixJson<EditJson> {
    let edits = fix.edits.iter().map(|edit| EditJson {
        slot: edit.slot.clone(),
        start: edit.span.start,
        end: edit.span.end,
        text: edit.text.clone(),
    });
    FixJson::of(fix, edits.collect())
}
