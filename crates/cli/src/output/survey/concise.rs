//! One line a cause, for editors and logs.

use std::fmt::Write as _;

use copy_preflight_rules::outcome::OutcomeKind;
use copy_preflight_rules::survey::Report;

use super::super::Subject;
use super::super::concise::{place_of, problems};
use super::super::plain::visible;
use super::causes::causes;

/// Renders the report: `path:line:column: error[rule] message (accounts)`, then the verdict.
#[must_use]
pub fn report(subject: Subject<'_, Report>) -> String {
    let mut text = problems(subject);
    for cause in causes(subject.report) {
        let outcome = cause.outcome;
        let word = match outcome.kind {
            OutcomeKind::Broken => cause.level.word(),
            _ => "undecided",
        };
        let rules: Vec<String> = cause.rules.iter().map(|rule| rule.id()).collect();
        let accounts: Vec<&str> =
            cause.accounts.iter().map(|account| account.id.as_str()).collect();
        let whom = match accounts.as_slice() {
            [] => "organization".to_owned(),
            accounts => accounts.join(", "),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}{word}[{}] {} ({})",
            visible(&place_of(subject, outcome)),
            rules.join(", "),
            visible(&outcome.message),
            visible(&whom)
        );
    }
    for words in [subject.old_facts(), subject.replaced_facts()].into_iter().flatten() {
        let _ = writeln!(text, "{}", visible(&words));
    }
    let report = subject.report;
    let _ = writeln!(text, "{} ({})", report.verdict.word(), report.certainty.word());
    text
}
