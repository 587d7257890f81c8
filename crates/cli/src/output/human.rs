//! The report for a person: verdict, table, findings with the deciding text underlined.

use copy_preflight_rules::check::{CopyReport, Report, Verdict};
use copy_preflight_rules::facts::Certainty;
use copy_preflight_rules::outcome::{Label, OutcomeKind};
use miette::Severity;

use super::Subject;
use super::diagnostic::{window, windows};
use super::groups::{Group, count, findings, to_do, type_name};
use super::page::{Colour, Page, Told};
use super::plain::visible;

/// How the terminal is.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colours are wanted.
    pub colour: bool,
}

impl Style {
    /// What does not depend on a terminal.
    pub const PLAIN: Self = Self { width: 80, colour: false };
}

/// Renders the report.
#[must_use]
pub fn report(subject: Subject<'_>, style: Style, explain_clear: bool) -> String {
    let mut page = Page::new(subject, style);
    page.verdict();
    page.table();
    page.problems();
    for group in findings(subject.report) {
        page.finding(&group);
    }
    if explain_clear {
        page.why_clear();
    }
    page.end();
    page.lines.text
}

/// Renders the places that labels underline, without a message.
pub(super) fn places(subject: Subject<'_>, style: Style, labels: &[Label]) -> String {
    let mut page = Page::new(subject, style);
    for shown in windows(&page.subject.inputs.sources, labels, page.style) {
        for line in window(page.style, shown) {
            page.lines.line(&line);
        }
    }
    page.lines.text
}

impl Page<'_, Report> {
    fn verdict(&mut self) {
        let report = self.subject.report;
        let word = match (report.verdict, report.certainty) {
            (Verdict::Clear, Certainty::Documented) => "clear",
            (Verdict::Clear, Certainty::Inferred) => "clear, resting on inferred facts",
            (Verdict::Clear, Certainty::Stated) => "clear, resting on what you stated",
            (Verdict::Blocked, Certainty::Documented) => "blocked",
            (Verdict::Blocked, Certainty::Inferred) => "blocked, by inferred facts",
            (Verdict::Blocked, Certainty::Stated) => "blocked, by what you stated",
            (Verdict::Undecided, _) => "undecided",
        };
        let colour = match report.verdict {
            Verdict::Clear => Colour::Green,
            Verdict::Blocked => Colour::Red,
            Verdict::Undecided => Colour::Yellow,
        };
        let word = self.paint(word, colour);
        self.lines.line(&word);
    }

    fn table(&mut self) {
        let report = self.subject.report;
        let mut shown: Option<String> = None;
        let width =
            report.copies.iter().map(|copy| type_name(copy).chars().count()).max().unwrap_or(0);
        for copy in &report.copies {
            let (source, destination) = (&copy.copy.source, &copy.copy.destination);
            let pair = format!(
                "{} ({}, {})  ->  {} ({}, {})",
                source.name,
                source.account,
                source.region,
                destination.name,
                destination.account,
                destination.region
            );
            if shown.as_ref() != Some(&pair) {
                self.lines.line("");
                self.lines.wrapped("", "  ", &pair);
                match &copy.copy.recovery_point {
                    Some(arn) => self.lines.wrapped("  ", "  ", arn),
                    None => self.lines.line("  a recovery point that does not exist yet"),
                }
                shown = Some(pair);
            }
            self.row(copy, width);
        }
        if report.copies.is_empty() {
            self.lines.line("no planned copy was found");
        }
    }

    fn row(&mut self, copy: &CopyReport, width: usize) {
        let name = type_name(copy);
        let verdict = match (copy.counts, copy.verdict, copy.certainty) {
            (false, ..) => "never copied".to_owned(),
            (_, Verdict::Undecided, _) | (_, _, Certainty::Documented) => {
                copy.verdict.word().to_owned()
            }
            (_, verdict, certainty) => format!("{} ({})", verdict.word(), certainty.word()),
        };
        let counts = [
            (OutcomeKind::Broken, "broken"),
            (OutcomeKind::Undecided, "undecided"),
            (OutcomeKind::Holds, "hold"),
            (OutcomeKind::NotApplicable, "do not apply"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .map(|&(kind, word)| (count(copy, kind), word))
            .filter(|&(number, _)| number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        let counts = if copy.counts { counts.join(", ") } else { String::new() };
        let line = format!("  {:width$}  {verdict:18}  {counts}", visible(&name));
        self.lines.line(line.trim_end());
    }

    fn finding(&mut self, group: &Group<'_>) {
        let counted = self.subject.report.copies.iter().filter(|copy| copy.counts).count();
        let concerns = match counted {
            0 | 1 => None,
            _ if group.copies.len() == counted => Some("all of them".to_owned()),
            _ => {
                let names: Vec<String> = group.copies.iter().map(|copy| type_name(copy)).collect();
                Some(names.join(", "))
            }
        };
        self.told(&Told {
            outcome: group.outcome,
            severity: match group.outcome.kind {
                OutcomeKind::Broken => Severity::Error,
                _ => Severity::Warning,
            },
            missing: &group.outcome.missing,
            rules: &group.rules,
            facts: &group.facts,
            concerns,
        });
    }

    fn why_clear(&mut self) {
        for copy in self.subject.report.copies.iter().filter(|copy| copy.counts) {
            self.lines.line("");
            let title = format!("why {} is {}:", type_name(copy), copy.verdict.word());
            self.lines.wrapped("", "  ", &title);
            for one in &copy.outcomes {
                let mark = match one.outcome.kind {
                    OutcomeKind::Holds => "ok",
                    OutcomeKind::NotApplicable => "--",
                    OutcomeKind::Broken => "×",
                    OutcomeKind::Undecided => "?",
                };
                let line = format!("{mark} {}: {}", one.rule.id(), one.outcome.message);
                self.lines.wrapped("  ", "       ", &line);
            }
        }
    }

    fn end(&mut self) {
        let report = self.subject.report;
        self.lines.line("");
        if !report.unjudged.is_empty() {
            let gates: Vec<&str> = report.unjudged.iter().map(|gate| gate.words()).collect();
            self.lines.wrapped("not judged yet: ", "  ", &gates.join(", "));
        }
        for words in [self.subject.old_facts(), self.subject.replaced_facts()].into_iter().flatten()
        {
            self.lines.wrapped("", "  ", &words);
        }
        let to_do = to_do(&findings(report)).join(", ");
        let line = match report.verdict {
            Verdict::Clear => "clear: nothing that was judged stands in the way".to_owned(),
            verdict if to_do.is_empty() => verdict.word().to_owned(),
            verdict => format!("{}: {to_do}", verdict.word()),
        };
        self.lines.wrapped("", "  ", &line);
    }
}
