//! Both accounts have enabled the Regions that need it.

use crate::facts::Certainty;
use crate::outcome::{Label, Missing, Outcome};
use crate::parts::region::{Enabled, enabled, needs_opt_in, regions, unknown};
use crate::parts::subject::{rest, yes_or_no};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Regions,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "an opt-in Region is not enabled in one of the accounts",
    reason_lists: &[
        &[
            Reason { name: "not-enabled", meaning: "the account has not enabled the Region" },
            Reason { name: "being-changed", meaning: "the Region is being enabled or disabled at this time" },
            Reason { name: "answer-not-understood", meaning: "the answer that was given is neither yes nor no" },
            reasons::DOCUMENT_MISSING,
            reasons::ANSWER_INCOMPLETE,
        ],
        &crate::parts::region::REASONS,
    ],
    facts: &[OPT_IN, BOTH],
    page: include_str!("region_not_enabled.md"),
}

const OPT_IN: &str = "regions-opt-in";
const BOTH: &str = "regions-opt-in-both-accounts";

/// One account and one Region.
struct Question {
    account: String,
    region: String,
    id: String,
}

/// What is known of one question.
enum Status {
    Enabled(Label),
    Disabled(Label),
    Changing(Label),
    NotListed(Label),
    Stated(bool),
    NotUnderstood(String),
    Missing(Missing),
}

fn check(view: &View<'_>) -> Outcome {
    let copy = &view.copy;
    let both = regions(view);
    let regions: Vec<&str> =
        both.iter().copied().filter(|region| needs_opt_in(view, region)).collect();
    let mut accounts = vec![("source", copy.source.account.as_str())];
    if copy.is_cross_account() {
        accounts.push(("destination", copy.destination.account.as_str()));
    }
    let mut answered = Vec::new();
    for (part, account) in &accounts {
        for region in &regions {
            let question = Question {
                account: (*account).to_owned(),
                region: (*region).to_owned(),
                id: format!("region-enabled.{account}.{region}"),
            };
            let status = ask(view, part, &question);
            answered.push((question, status));
        }
    }
    let disabled = answered
        .iter()
        .find(|(_, status)| matches!(status, Status::Disabled(_) | Status::Stated(false)));
    if let Some((question, status)) = disabled {
        return broken(view, question, status);
    }
    if let Some(outcome) = open(&answered) {
        return outcome.cites(BOTH);
    }
    // Whether a Region that the facts do not know needs opt-in is not known either.
    if let Some(undecided) = both.iter().find_map(|region| unknown(view, region)) {
        return undecided;
    }
    if regions.is_empty() {
        return Outcome::not_applicable("no Region of this copy has to be enabled first")
            .cites(OPT_IN);
    }
    let names: Vec<String> = regions.iter().map(|region| format!("`{region}`")).collect();
    let mut holds = Outcome::holds(match accounts.len() {
        1 => format!("the account has enabled {}", names.join(" and ")),
        _ => format!("both accounts have enabled {}", names.join(" and ")),
    });
    for (_, status) in answered {
        match status {
            Status::Enabled(label) => holds.labels.push(label),
            Status::Stated(_) => holds.certainty = Certainty::Stated,
            _ => {}
        }
    }
    rest(view, holds, BOTH)
}

fn ask(view: &View<'_>, part: &str, question: &Question) -> Status {
    match view.read(&Slot::regions(part, &question.account)) {
        Ok(filled) => listed(&filled, question),
        Err(gap) => match view.stated(&question.id) {
            Some(answer) => match yes_or_no(answer) {
                Some(enabled) => Status::Stated(enabled),
                None => Status::NotUnderstood(answer.to_owned()),
            },
            None => Status::Missing(gap.missing()),
        },
    }
}

fn listed(filled: &Filled<'_>, question: &Question) -> Status {
    let (status, span) = enabled(filled, &question.region);
    let label = |note: &str| {
        filled.label(span, format!("{note} `{}` in account {}", question.region, question.account))
    };
    match status {
        Enabled::Yes => Status::Enabled(label("the status of")),
        Enabled::No => Status::Disabled(label("the status of")),
        Enabled::Changing => Status::Changing(label("the status of")),
        Enabled::Unknown => Status::NotListed(label("no status that is known, of")),
    }
}

fn broken(view: &View<'_>, question: &Question, status: &Status) -> Outcome {
    let Question { account, region, .. } = question;
    let mut broken = Outcome::broken(
        "not-enabled",
        format!("account {account} has not enabled the Region `{region}`"),
    )
    .help(format!(
        "enable it in account {account}: `aws account enable-region --region-name {region}`; it takes minutes to hours"
    ));
    match status {
        Status::Disabled(label) => broken.labels.push(label.clone()),
        _ => broken.certainty = Certainty::Stated,
    }
    rest(view, broken, BOTH)
}

/// The outcome where a question is left: what is missing comes first, since a person can mend it.
fn open(answered: &[(Question, Status)]) -> Option<Outcome> {
    let missing: Vec<&Missing> = answered
        .iter()
        .filter_map(|(_, status)| match status {
            Status::Missing(missing) => Some(missing),
            _ => None,
        })
        .collect();
    let first = answered
        .iter()
        .find(|(_, status)| !matches!(status, Status::Enabled(_) | Status::Stated(_)));
    let unanswered = answered.iter().find(|(_, status)| matches!(status, Status::Missing(_)));
    let (question, status) = unanswered.or(first)?;
    let Question { account, region, id } = question;
    let outcome = match status {
        Status::Missing(_) => {
            let ids: Vec<String> = answered
                .iter()
                .filter(|(_, status)| matches!(status, Status::Missing(_)))
                .map(|(question, _)| format!("`--answer {}=yes`", question.id))
                .collect();
            let mut outcome = Outcome::undecided(
                reasons::DOCUMENT_MISSING.name,
                format!("whether account {account} has enabled the Region `{region}` was not read"),
            )
            .help(format!(
                "read it with `aws account list-regions`, or state it: {}",
                ids.join(" ")
            ));
            for one in missing {
                if !outcome.missing.contains(one) {
                    outcome.missing.push(one.clone());
                }
            }
            outcome
        }
        Status::Changing(label) => Outcome::undecided(
            "being-changed",
            format!("account {account} is enabling or disabling the Region `{region}`"),
        )
        .label(label.clone())
        .help("wait until the change is done, then read the Regions again"),
        Status::NotUnderstood(answer) => Outcome::undecided(
            "answer-not-understood",
            format!("the answer `{answer}` to `{id}` is neither yes nor no"),
        )
        .help(format!("say `--answer {id}=yes` or `--answer {id}=no`")),
        Status::NotListed(label) => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("the answer does not say whether account {account} has enabled `{region}`"),
        )
        .label(label.clone()),
        Status::Enabled(_) | Status::Disabled(_) | Status::Stated(_) => return None,
    };
    Some(match status {
        Status::Missing(_) | Status::NotUnderstood(_) => outcome.answered_by(id),
        _ => outcome,
    })
}
