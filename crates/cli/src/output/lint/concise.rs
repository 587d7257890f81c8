//! One line a finding, for editors and logs.

use std::fmt::Write as _;

use super::Linted;
use crate::output::plain::visible;

/// Renders `path:line:column: level[rule] message`, then what was found in one line.
#[must_use]
pub fn report(linted: Linted<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for note in &linted.report.notes {
        let _ = writeln!(text, "{}: problem {}", visible(&note.path), visible(&note.message));
    }
    for (file, found) in linted.report.findings() {
        let start = file.place_of_finding(found).start;
        let _ = writeln!(
            text,
            "{}:{}:{}: {}[{}] {}",
            visible(&file.path),
            start.line,
            start.column,
            found.word(),
            found.rule.id(),
            visible(&found.outcome.message)
        );
    }
    for line in linted.copies() {
        let _ = writeln!(text, "{}", visible(&line));
    }
    let _ = writeln!(text, "{}", linted.summary());
    text
}
