//! Which of the causes the documents show.

use super::{Confirmed, Explanation};
use crate::check::{CopyReport, Report, RuleOutcome};
use crate::outcome::OutcomeKind;

/// Marks each cause by what its rule says of the copy that the job made.
pub fn confirm(explanation: &mut Explanation, report: &Report) {
    let reasons: Vec<(Option<String>, Option<String>)> =
        explanation.causes.iter().map(|cause| (cause.rule.clone(), cause.reason.clone())).collect();
    for cause in &mut explanation.causes {
        let Some(rule) = cause.rule.as_deref() else { continue };
        // A job whose variant is not known is several planned copies: one that is broken shows
        // the cause, and only all of them refute it.
        let outcomes = report.copies.iter().filter_map(|copy| outcome(copy, rule));
        // A cause without a reason stands for those that no other cause of its rule names.
        let stands_for = |reason: Option<&str>| match cause.reason.as_deref() {
            Some(own) => Some(own) == reason,
            None => !reasons.iter().any(|(other, named)| {
                other.as_deref() == Some(rule) && named.is_some() && named.as_deref() == reason
            }),
        };
        let judged = outcomes.map(|one| (verdict(one, &stands_for), one));
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

/// Broken for a reason that is another cause refutes this one.
fn verdict(one: &RuleOutcome, stands_for: &dyn Fn(Option<&str>) -> bool) -> Confirmed {
    match one.outcome.kind {
        OutcomeKind::Broken if stands_for(one.outcome.reason) => Confirmed::Yes,
        OutcomeKind::Broken | OutcomeKind::Holds | OutcomeKind::NotApplicable => Confirmed::No,
        OutcomeKind::Undecided => Confirmed::Undecided,
    }
}
