//! One line a finding, for editors and logs.

use std::fmt::Write as _;

use copy_preflight_rules::outcome::{Outcome, OutcomeKind};

use super::Subject;
use super::groups::{findings, type_name};
use super::plain::visible;

/// Renders the report: `path:line:column: error[rule] message`, then the verdict.
#[must_use]
pub fn report(subject: Subject<'_>) -> String {
    let mut text = problems(subject);
    for group in findings(subject.report) {
        let outcome = group.outcome;
        let place = place_of(subject, outcome);
        let word = match outcome.kind {
            OutcomeKind::Broken => group.rules.first().map_or("error", |rule| rule.level.word()),
            _ => "undecided",
        };
        let rules: Vec<String> = group.rules.iter().map(|rule| rule.id()).collect();
        let names: Vec<String> = group.copies.iter().map(|copy| type_name(copy)).collect();
        let _ = writeln!(
            text,
            "{}{word}[{}] {} ({})",
            visible(&place),
            rules.join(", "),
            visible(&outcome.message),
            visible(&names.join(", "))
        );
    }
    for words in [subject.old_facts(), subject.replaced_facts()].into_iter().flatten() {
        let _ = writeln!(text, "{}", visible(&words));
    }
    let report = subject.report;
    let unjudged: Vec<&str> = report.unjudged.iter().map(|gate| gate.words()).collect();
    let unjudged = match unjudged.as_slice() {
        [] => String::new(),
        gates => format!("; not judged yet: {}", gates.join(", ")),
    };
    let _ = writeln!(text, "{} ({}){unjudged}", report.verdict.word(), report.certainty.word());
    text
}

/// What could not be read, a line each.
pub(super) fn problems<R>(subject: Subject<'_, R>) -> String {
    let mut text = String::new();
    let sources = &subject.inputs.sources;
    for problem in subject.inputs.problems() {
        let place = problem.place.map(|span| sources.outermost(span)).and_then(|span| {
            let position = sources.get(span.source)?.position(span.start);
            Some(format!("{}:{}:", position.line, position.column))
        });
        let path = subject.path(&problem.name);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}:{} problem {}",
            visible(&path),
            place.unwrap_or_default(),
            visible(&problem.message)
        );
    }
    text
}

/// The first place of an outcome, `path:line:column: `; empty without one.
pub(super) fn place_of<R>(subject: Subject<'_, R>, outcome: &Outcome) -> String {
    let place = outcome.labels.first().and_then(|label| {
        let (name, span) = subject.in_file(label.span)?;
        let position = subject.inputs.sources.get(span.source)?.position(span.start);
        Some(format!("{}:{}:{}: ", subject.path(&name), position.line, position.column))
    });
    place.unwrap_or_default()
}
