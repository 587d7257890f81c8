//! Cross-account monitoring shows the jobs of member accounts.

use crate::outcome::Outcome;
use crate::parts::subject::{stated, yes_or_no};
use crate::parts::trusted_access::{Access, trusted_access};
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::OrganizationView;

crate::rule::account_rule! {
    check: Organization(check),
    aliases: &[],
    level: Level::Warning,
    summary: "jobs of member accounts are not seen in the management account",
    reason_lists: &[&[
        Reason { name: "not-enabled", meaning: "cross-account monitoring is off, or cannot be on" },
        Reason { name: "setting-not-readable", meaning: "no API returns the setting, and nobody stated it" },
        Reason { name: "answer-not-understood", meaning: "the answer that was given is neither yes nor no" },
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, "backup-policies-trusted-access", "backup-policies-monitoring-delay"],
    page: include_str!("cross_account_monitoring_off.md"),
}

const FACT: &str = "backup-policies-monitoring";

const ANSWER: &str = "cross-account-monitoring";

fn check(view: &OrganizationView<'_>) -> Vec<Outcome> {
    vec![judge(view).cites("backup-policies-monitoring-delay")]
}

fn judge(view: &OrganizationView<'_>) -> Outcome {
    let off = |message: &str| {
        Outcome::broken("not-enabled", message).help(
            "turn on cross-account monitoring in the settings of AWS Backup in the management \
             account; where a member turned it on before, its jobs show after up to 24 hours",
        )
    };
    if let Some(answer) = view.reader.stated(ANSWER) {
        return match yes_or_no(answer) {
            Some(true) => stated(Outcome::holds("cross-account monitoring is on")),
            Some(false) => {
                stated(off("cross-account monitoring is off: nobody sees the jobs of members"))
            }
            None => Outcome::undecided(
                "answer-not-understood",
                format!("the answer `{answer}` to `{ANSWER}` is neither yes nor no"),
            )
            .answered_by(ANSWER),
        };
    }
    match trusted_access(&view.reader) {
        Access::Off(label) => {
            let broken =
                off("cross-account monitoring needs trusted access, which is off").label(label);
            view.reader.rest(broken, FACT)
        }
        Access::Unknown(outcome) => outcome.cites(FACT),
        Access::On => Outcome::undecided(
            "setting-not-readable",
            "whether cross-account monitoring is on cannot be read: no API returns the setting",
        )
        .help(format!(
            "look at the settings of AWS Backup in the management account, and state it: \
             `--answer {ANSWER}=yes`"
        ))
        .answered_by(ANSWER)
        .cites(FACT),
    }
}
