//! The report for a person: each finding with its text underlined, what to do, and a summary.

use miette::Severity;

use super::Linted;
use crate::lint::{FileReport, Found};
use crate::output::human::{Style, diagnostic, windows};
use crate::output::plain::wrapped;

/// Renders the report.
#[must_use]
pub fn report(linted: Linted<'_>, style: Style) -> String {
    let mut text = String::new();
    for note in &linted.report.notes {
        text.push_str(&wrapped(
            "! ",
            "  ",
            &format!("{}: {}", note.path, note.message),
            style.width,
        ));
    }
    for (file, found) in linted.report.findings() {
        if !text.is_empty() {
            text.push('\n');
        }
        finding(&mut text, linted, file, found, style);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    for line in linted.copies() {
        text.push_str(&wrapped("", "  ", &line, style.width));
    }
    text.push_str(&wrapped("", "  ", &linted.summary(), style.width));
    text
}

fn finding(text: &mut String, linted: Linted<'_>, file: &FileReport, found: &Found, style: Style) {
    use copy_preflight_rules::rule::Level;
    let outcome = &found.outcome;
    let severity = match (found.is_broken(), found.level) {
        (true, Level::Error) => Severity::Error,
        (true, Level::Security | Level::Warning) => Severity::Warning,
        _ => Severity::Advice,
    };
    let message = format!("{}: {}", found.word(), outcome.message);
    let windows = windows(&file.sources, &outcome.labels, style);
    for line in diagnostic(style, &message, severity, windows) {
        text.push_str(&line);
        text.push('\n');
    }
    if let Some(help) = &outcome.help {
        text.push_str(&wrapped("  help: ", "    ", help, style.width));
    }
    for said in &outcome.aws_says {
        text.push_str(&wrapped("  AWS says: ", "    ", &format!("\"{said}\""), style.width));
    }
    let rows = outcome.facts.iter().filter_map(|fact| linted.facts.row(fact));
    let checked = rows.map(|row| &row.checked).min();
    let checked = checked.map(|day| format!(", checked {day}")).unwrap_or_default();
    let basis = match found.is_broken() {
        true => format!("  ({}{checked})", outcome.certainty.word()),
        false => String::new(),
    };
    let more = format!("copy-preflight rules {}{basis}", found.rule.id());
    text.push_str(&wrapped("  more: ", "    ", &more, style.width));
}
