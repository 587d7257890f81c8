//! Which of the causes the documents show.

use super::{Confirmed, Explanation};
use crate::check::{CopyReport, Report, RuleOutcome};
use crate::outcome::OutcomeKind;

/// Marks each cause by what its rule says of the copy that the job made.
pub fn confirm(explanation: &mut Explanation, report: &Report) {
    for cause in &mut explanation.causes {
        let Some(rule) = cause.rule.as_deref() else { continue };
        // A job whose variant is not known is several planned copies: one that is broken shows
        // the cause, and only all of them refute it.
        let outcomes = report.copies.iter().filter_map(|copy| outcome(copy, rule));
        let judged = outcomes.map(|one| (verdict(one, cause.reason.as_deref()), one));
        let Some((confirmed, one)) = judged.min_by_key(|(confirmed, _)| *confirmed) else {
            continue;
        };
        cause.confirmed = confirmed;
        cause.finding = Some(one.outcome.message.clone());
        cause.labels.clone_from(&one.outcome.labels);
        let commands = one.outcome.missing.iter().filter_map(|missing| missing.command.as_ref());
        for command in commands.filter(|_| confirmed == Confirmed::Undecided) {
            if !cause.confirm.contains(command) && !explanation.next.contains(command) {
                explanation.next.push(command.clone());
            }
        }
    }
}

fn outcome<'a>(copy: &'a CopyReport, rule: &str) -> Option<&'a RuleOutcome> {
    copy.outcomes.iter().find(|one| one.rule.is_named(rule))
}

/// A cause with a reason is that reason of the rule: broken for another one refutes it.
fn verdict(one: &RuleOutcome, reason: Option<&str>) -> Confirmed {
    match one.outcome.kind {
        OutcomeKind::Broken if reason.is_none() || reason == one.outcome.reason => Confirmed::Yes,
        OutcomeKind::Broken | OutcomeKind::Holds | OutcomeKind::NotApplicable => Confirmed::No,
        OutcomeKind::Undecided => Confirmed::Undecided,
    }
}
