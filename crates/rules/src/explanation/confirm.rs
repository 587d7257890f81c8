//! Which of the causes the documents show.

use super::{Confirmed, Explanation};
use crate::check::{CopyReport, Report, RuleOutcome};
use crate::copy::SourceKeys;
use crate::inputs::Address;
use crate::message::placeholder;
use crate::outcome::OutcomeKind;
use crate::rule::Level;

/// Said before a command that fetches what is missing.
const GET: &str = "what is missing to tell:";

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
                explanation.next.extend([GET.to_owned(), command.clone()]);
            }
        }
    }
    if let [copy] = report.copies.as_slice() {
        fill_keys(explanation, copy);
    }
    if explanation.causes.iter().all(|cause| cause.confirmed != Confirmed::Yes) {
        let faults = others(explanation, report);
        explanation.next.extend(faults);
    }
}

/// Faults of the copy that are none of the causes, for want of one that is.
fn others(explanation: &Explanation, report: &Report) -> Vec<String> {
    let is_cause = |one: &RuleOutcome| {
        let mut rules = explanation.causes.iter().filter_map(|cause| cause.rule.as_deref());
        rules.any(|rule| one.rule.is_named(rule))
    };
    let mut faults: Vec<String> = Vec::new();
    for one in report.copies.iter().flat_map(|copy| &copy.outcomes) {
        if one.outcome.kind == OutcomeKind::Broken
            && one.rule.level == Level::Error
            && !is_cause(one)
        {
            let fault = format!("another fault of this copy: {}", one.outcome.message);
            let page = format!("copy-preflight rules {}", one.rule.id());
            if !faults.contains(&fault) {
                faults.extend([fault, page]);
            }
        }
    }
    faults
}

/// The keys, which only the documents name.
fn fill_keys(explanation: &mut Explanation, copy: &CopyReport) {
    let source = match &copy.copy.source_keys {
        SourceKeys::Given(keys) => match keys.as_slice() {
            [key] => Some(key.to_string()),
            _ => None,
        },
        _ => None,
    };
    let slot = copy.slots.iter().find(|slot| slot.name == "destination-key");
    let destination = slot.and_then(|slot| match &slot.address {
        Address::Key(key) => Some(key.to_string()),
        _ => None,
    });
    for (name, value) in [("source_key", source), ("destination_key", destination)] {
        let Some(value) = value else { continue };
        let unfilled = placeholder::fill(&format!("{{{name}}}"), |_| None);
        for cause in &mut explanation.causes {
            for text in cause.confirm.iter_mut().chain(&mut cause.fix) {
                *text = text.replace(&unfilled, &value);
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
