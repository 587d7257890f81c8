//! Start windows are as long as they have to be.

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a start window is shorter than AWS Backup takes",
    reason_lists: &[&[
        Reason { name: "too-short", meaning: "the window is shorter than the least" },
        Reason { name: "not-a-number", meaning: "the text is no whole number" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("start_window_too_short.md"),
}

const FACT: &str = "backup-policies-limit-start-window";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let least = view.survey.facts.row(FACT).and_then(|row| row.number("least_minutes"));
    for rule in view.plans.iter().flat_map(|plan| &plan.rules) {
        for choice in choices(rule.entry, &rule.path, "start_backup_window_minutes") {
            let Some(text) = choice.text else {
                findings.push(choice.unknown().cites(FACT));
                continue;
            };
            let (reason, message) = match text.parse::<i64>() {
                Ok(minutes) if least.is_none_or(|least| minutes >= least) => continue,
                Ok(_) => (
                    "too-short",
                    format!("the start window of rule `{}` has {text} minutes", rule.key),
                ),
                Err(_) => {
                    ("not-a-number", format!("the start window of rule `{}` is `{text}`", rule.key))
                }
            };
            let note = least
                .map_or_else(|| "a number".to_owned(), |least| format!("{least} minutes or more"));
            let mut broken = Outcome::broken(reason, message).help(
                "a job that does not start in its window expires: give it an hour or more, or \
                 leave the window out (8 hours)",
            );
            broken.labels.extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
            findings.push(choice.broken(view.rest(broken, FACT)));
        }
    }
    findings.or(|| view.rest(Outcome::holds("the start windows are long enough"), FACT))
}
