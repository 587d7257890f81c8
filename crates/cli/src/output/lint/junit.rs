//! JUnit XML: a suite for each file, a case for each finding, one that passes for a file without.

use std::fmt::Write as _;

use super::{Linted, whole_message};
use crate::lint::{FileReport, Found};
use crate::output::plain::visible;

/// Renders the report.
#[must_use]
pub fn report(linted: Linted<'_>) -> String {
    let report = linted.report;
    let failed = |found: &Found| found.is_broken() && found.level <= linted.fail_on;
    let failures = report.findings().filter(|(_, found)| failed(found)).count();
    let errors = report.notes.iter().filter(|note| note.unreadable).count();
    let cases: usize = report.files.iter().map(|file| file.findings.len().max(1)).sum();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "<testsuites name=\"copy-preflight lint\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        cases + report.notes.len()
    );
    for file in &report.files {
        suite(&mut text, file, &failed);
    }
    for note in &report.notes {
        let path = escaped(&note.path);
        let _ = writeln!(
            text,
            "  <testsuite name=\"{path}\" tests=\"1\" failures=\"0\" errors=\"{}\">",
            usize::from(note.unreadable)
        );
        let tag = if note.unreadable { "error" } else { "skipped" };
        let _ = writeln!(
            text,
            "    <testcase name=\"read\" classname=\"{path}\"><{tag} message=\"{}\"/></testcase>\n  </testsuite>",
            escaped(&note.message)
        );
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, file: &FileReport, failed: &dyn Fn(&Found) -> bool) {
    let path = escaped(&file.path);
    let failures = file.findings.iter().filter(|found| failed(found)).count();
    let _ = writeln!(
        text,
        "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\">",
        file.findings.len().max(1)
    );
    if file.findings.is_empty() {
        let kinds: Vec<&str> = file.documents.iter().map(|one| one.word()).collect();
        let _ =
            writeln!(text, "    <testcase name=\"{}\" classname=\"{path}\"/>", kinds.join(", "));
    }
    for found in &file.findings {
        let start = file.place_of_finding(found).start;
        let _ = write!(
            text,
            "    <testcase name=\"{} at line {}\" classname=\"{path}\" file=\"{path}\" line=\"{}\">",
            found.rule.id(),
            start.line,
            start.line
        );
        let message = escaped(&found.outcome.message);
        let body =
            format!("{}:{}:{}: {}", file.path, start.line, start.column, whole_message(found));
        let body = escaped(&body);
        let _ = match failed(found) {
            true => write!(
                text,
                "<failure type=\"{}\" message=\"{message}\">{body}</failure>",
                found.word()
            ),
            false => write!(text, "<system-out>{}: {body}</system-out>", found.word()),
        };
        text.push_str("</testcase>\n");
    }
    text.push_str("  </testsuite>\n");
}

/// Text within XML, attributes included. Characters that XML cannot hold are made visible.
fn escaped(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| visible(line).into_owned()).collect();
    let mut escaped = String::with_capacity(text.len());
    for character in lines.join(" ").chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
