//! Windows are given in minutes.

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::survey::{Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Suggestion,
    summary: "a window looks as if it were given in seconds",
    reason_lists: &[&[
        Reason { name: "too-long", meaning: "the number of minutes is beyond any window" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT],
    page: include_str!("window_given_in_seconds.md"),
}

const FACT: &str = "backup-policies-window-in-minutes";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let most = view.survey.facts.row(FACT).and_then(|row| row.number("most_plausible_minutes"));
    for rule in view.plans.iter().flat_map(|plan| &plan.rules) {
        for name in ["start_backup_window_minutes", "complete_backup_window_minutes"] {
            for choice in choices(rule.entry, &rule.path, name) {
                let Some(text) = choice.text else {
                    findings.push(choice.unknown().cites(FACT));
                    continue;
                };
                let Some(minutes) = text
                    .parse::<i64>()
                    .ok()
                    .filter(|&minutes| most.is_some_and(|most| minutes > most))
                else {
                    continue;
                };
                let message =
                    format!("`{name}` of rule `{}` is {} days", rule.key, minutes / (24 * 60));
                let mut broken = Outcome::broken("too-long", message)
                    .help(format!("if seconds were meant, write `{}`", minutes / 60));
                let note = "minutes";
                broken
                    .labels
                    .extend(choice.place.map(|span| view.survey.label_on(span, text, note)));
                findings.push(choice.broken(view.rest(broken, FACT)));
            }
        }
    }
    findings.or(|| view.rest(Outcome::holds("windows are given in minutes"), FACT))
}
