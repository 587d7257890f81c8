//! Annotations of a GitHub workflow, and the summary of its step.
//!
//! GitHub shows ten annotations of each level in a step, so the worst come first, and what is
//! left over stands in the summary with all the others.

use std::fmt::Write as _;

use copy_preflight_rules::rule::Level;

use super::{Linted, whole_message};
use crate::lint::{FileReport, Found};
use crate::output::plain::visible;

/// How many annotations of a level GitHub shows for a step.
const SHOWN: usize = 10;

/// What goes to the log of the step.
#[must_use]
pub fn annotations(linted: Linted<'_>) -> String {
    let mut text = String::new();
    let mut given = [0_usize; 3];
    let mut left = 0;
    for (file, found) in linted.worst_first() {
        let (command, index) = command(found);
        let Some(count) = given.get_mut(index) else { continue };
        if *count == SHOWN {
            left += 1;
            continue;
        }
        *count += 1;
        annotation(&mut text, command, file, found);
    }
    for note in &linted.report.notes {
        let message = format!("{}: {}", note.path, note.message);
        let _ = writeln!(text, "::notice title=copy-preflight::{}", data(&message));
    }
    if left > 0 {
        let _ = writeln!(text, "{left} more findings stand in the summary of this step");
    }
    for line in linted.copies() {
        let _ = writeln!(text, "{}", visible(&line));
    }
    let _ = writeln!(text, "copy-preflight: {}", linted.summary());
    text
}

/// The command of a finding, and which of the three limits it counts against.
fn command(found: &Found) -> (&'static str, usize) {
    match (found.is_broken(), found.level) {
        (true, Level::Error) => ("error", 0),
        (true, Level::Security | Level::Warning) => ("warning", 1),
        _ => ("notice", 2),
    }
}

fn annotation(text: &mut String, command: &str, file: &FileReport, found: &Found) {
    let place = file.place_of_finding(found);
    let (start, end) = (place.start, place.end);
    let _ = write!(
        text,
        "::{command} file={},line={},endLine={}",
        property(&file.path),
        start.line,
        end.line
    );
    // Columns count only within one line.
    if start.line == end.line {
        let _ =
            write!(text, ",col={},endColumn={}", start.column, end.column.max(start.column + 1));
    }
    let title = format!("{} ({})", found.rule.id(), found.word());
    let _ = writeln!(text, ",title={}::{}", property(&title), data(&whole_message(found)));
}

/// The message of a workflow command: what ends or begins a command is written otherwise.
fn data(text: &str) -> String {
    let lines: Vec<String> =
        text.split('\n').map(|line| visible(line).replace('%', "%25")).collect();
    lines.join("%0A").replace('\r', "%0D")
}

/// A property of a workflow command, in which colons and commas have a meaning too.
fn property(text: &str) -> String {
    visible(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(':', "%3A")
        .replace(',', "%2C")
}

/// What goes to the summary of the step: all findings, the worst first.
#[must_use]
pub fn summary(linted: Linted<'_>) -> String {
    let mut text = format!("### copy-preflight lint\n\n{}\n", markdown(&linted.summary()));
    let all = linted.worst_first();
    if !all.is_empty() {
        text.push_str("\n| level | where | rule | finding |\n|---|---|---|---|\n");
    }
    for (file, found) in all {
        let start = file.place_of_finding(found).start;
        let _ = writeln!(
            text,
            "| {} | {}:{} | {} | {} |",
            found.word(),
            markdown(&file.path),
            start.line,
            found.rule.id(),
            markdown(&found.outcome.message)
        );
    }
    for line in linted.copies() {
        let _ = writeln!(text, "\n{}", markdown(&line));
    }
    for note in &linted.report.notes {
        let _ = writeln!(text, "\n{}: {}", markdown(&note.path), markdown(&note.message));
    }
    text
}

/// Text of others in Markdown: nothing in it is markup.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '*' | '_' | '[' | ']' | '\\' | '#' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '@' => escaped.push_str("&#64;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command() {
        assert_eq!(data("a\n::error::b\r%"), "a%0A::error::b␍%25");
        assert_eq!(property("a,b:c\n%"), "a%2Cb%3Ac␊%25");
        assert_eq!(markdown("<b>|`x`|\n# y"), "&lt;b&gt;\\|`x`\\|␊\\# y");
    }
}
