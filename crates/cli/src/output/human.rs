//! The report for a person: verdict, table, findings with the deciding text underlined.

use std::fmt;

use copy_preflight_policy::source::{SourceId, Sources, Span};
use copy_preflight_rules::check::{CopyReport, Verdict};
use copy_preflight_rules::facts::Certainty;
use copy_preflight_rules::inputs::{Problem, Why};
use copy_preflight_rules::outcome::{Label, Missing, OutcomeKind};
use copy_preflight_rules::refusal::refuser;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode,
};

use super::Subject;
use super::groups::{Group, count, findings, to_do, type_name};
use super::plain::visible;
use super::window::{SourceLabel, Window};

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
    let mut page = Page { subject, style, text: String::new() };
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
    page.text
}

/// Renders the places that labels underline, without a message.
pub(super) fn places(subject: Subject<'_>, style: Style, labels: &[Label]) -> String {
    let mut page = Page { subject, style, text: String::new() };
    for window in page.windows(labels) {
        page.render(&Shown {
            message: String::new(),
            severity: Severity::Advice,
            window: Some(window),
        });
    }
    page.text
}

struct Page<'a> {
    subject: Subject<'a>,
    style: Style,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        let text = visible(text);
        let options = textwrap::Options::new(self.style.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for line in textwrap::wrap(&text, options) {
            let line = line.into_owned();
            self.line(&line);
        }
    }

    fn paint(&self, text: &str, colour: Colour) -> String {
        if self.style.colour {
            format!("\x1b[{}m{text}\x1b[0m", colour as u8)
        } else {
            text.to_owned()
        }
    }

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
        self.line(&word);
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
                self.line("");
                self.wrapped("", "  ", &pair);
                match &copy.copy.recovery_point {
                    Some(arn) => self.wrapped("  ", "  ", arn),
                    None => self.line("  a recovery point that does not exist yet"),
                }
                shown = Some(pair);
            }
            self.row(copy, width);
        }
        if report.copies.is_empty() {
            self.line("no planned copy was found");
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
        self.line(line.trim_end());
    }

    fn problems(&mut self) {
        let problems = self.subject.inputs.problems();
        if problems.is_empty() {
            return;
        }
        self.line("");
        for problem in problems {
            self.problem(problem);
        }
    }

    fn problem(&mut self, problem: &Problem) {
        let sources = &self.subject.inputs.sources;
        let place = problem.place.map(|span| sources.outermost(span)).and_then(|span| {
            let position = sources.get(span.source)?.position(span.start);
            Some(format!(":{}:{}", position.line, position.column))
        });
        let path = self.subject.path(&problem.name);
        let more = match problem.more {
            0 => String::new(),
            more => format!(" (and {more} more in this file)"),
        };
        let line = format!("{path}{}: {}{more}", place.unwrap_or_default(), problem.message);
        self.wrapped("! ", "  ", &line);
    }

    fn finding(&mut self, group: &Group<'_>) {
        let outcome = group.outcome;
        self.line("");
        let windows = self.windows(&outcome.labels);
        let severity = match outcome.kind {
            OutcomeKind::Broken => Severity::Error,
            _ => Severity::Warning,
        };
        for line in diagnostic(self.style, &outcome.message, severity, windows) {
            self.line(&line);
        }
        self.footer(group);
    }

    fn render(&mut self, shown: &Shown) {
        for line in lines_of(self.style, shown) {
            self.line(&line);
        }
    }

    fn windows(&self, labels: &[Label]) -> Vec<Window> {
        windows(&self.subject.inputs.sources, labels, self.style)
    }

    fn footer(&mut self, group: &Group<'_>) {
        let outcome = group.outcome;
        let counted = self.subject.report.copies.iter().filter(|copy| copy.counts).count();
        if counted > 1 && group.copies.len() == counted {
            self.line("  concerns: all of them");
        } else if counted > 1 {
            let names: Vec<String> = group.copies.iter().map(|copy| type_name(copy)).collect();
            self.wrapped("  concerns: ", "    ", &names.join(", "));
        }
        for missing in &outcome.missing {
            self.missing(missing);
        }
        if let Some(help) = &outcome.help {
            self.wrapped("  help: ", "    ", help);
        }
        if let Some(statement) = outcome.fix.as_ref().and_then(|fix| fix.statement.as_ref()) {
            self.statement(statement);
        }
        for stem in &outcome.aws_says {
            self.wrapped("  AWS says: ", "    ", &format!("\"{stem}\""));
        }
        let rows = group.facts.iter().filter_map(|fact| self.subject.facts.row(fact));
        let checked = rows.map(|row| &row.checked).min();
        let checked = checked.map(|date| format!(", checked {date}")).unwrap_or_default();
        if outcome.kind == OutcomeKind::Broken {
            self.wrapped("  basis: ", "    ", &format!("{}{checked}", outcome.certainty.word()));
        }
        for rule in &group.rules {
            self.wrapped("  more: ", "    ", &format!("copy-preflight rules {}", rule.id()));
        }
    }

    /// A statement to paste, as a policy has it.
    fn statement(&mut self, statement: &str) {
        let parsed = serde_json::from_str::<serde_json::Value>(statement);
        let Ok(pretty) = parsed.and_then(|value| serde_json::to_string_pretty(&value)) else {
            return;
        };
        self.line("  add this statement:");
        for line in pretty.lines() {
            let line = format!("    {}", visible(line));
            self.line(&line);
        }
    }

    fn missing(&mut self, missing: &Missing) {
        let what = &missing.what;
        let place = missing.account.as_ref().map(|account| format!(" in {account}"));
        let place = place.unwrap_or_default();
        let line = match (missing.why, &missing.permission) {
            (Why::NotGiven, _) => format!("{what} was not given"),
            (Why::Denied, Some(permission)) => {
                let who = missing.refused_by.as_deref().and_then(refuser);
                let by = who.map(|who| format!(", by {who}")).unwrap_or_default();
                format!("{what}: {permission} was denied{place}{by}")
            }
            (Why::NotFetched, Some(permission)) => {
                format!("{what} was not read: {permission}{place}")
            }
            (why, _) => format!("{what}: {}", why.word()),
        };
        self.wrapped("  missing: ", "    ", &line);
        if let Some(refused) = &missing.refused_by {
            self.wrapped("  AWS said: ", "    ", &format!("\"{refused}\""));
        }
        if let Some(command) = &missing.command {
            self.wrapped("  get it: ", "    ", command);
        }
    }

    fn why_clear(&mut self) {
        for copy in self.subject.report.copies.iter().filter(|copy| copy.counts) {
            self.line("");
            let title = format!("why {} is {}:", type_name(copy), copy.verdict.word());
            self.wrapped("", "  ", &title);
            for one in &copy.outcomes {
                let mark = match one.outcome.kind {
                    OutcomeKind::Holds => "ok",
                    OutcomeKind::NotApplicable => "--",
                    OutcomeKind::Broken => "×",
                    OutcomeKind::Undecided => "?",
                };
                let line = format!("{mark} {}: {}", one.rule.id(), one.outcome.message);
                self.wrapped("  ", "       ", &line);
            }
        }
    }

    fn end(&mut self) {
        let report = self.subject.report;
        self.line("");
        if !report.unjudged.is_empty() {
            let gates: Vec<&str> = report.unjudged.iter().map(|gate| gate.words()).collect();
            self.wrapped("not judged yet: ", "  ", &gates.join(", "));
        }
        for words in [self.subject.old_facts(), self.subject.replaced_facts()].into_iter().flatten()
        {
            self.wrapped("", "  ", &words);
        }
        let to_do = to_do(&findings(report)).join(", ");
        let line = match report.verdict {
            Verdict::Clear => "clear: nothing that was judged stands in the way".to_owned(),
            verdict if to_do.is_empty() => verdict.word().to_owned(),
            verdict => format!("{}: {to_do}", verdict.word()),
        };
        self.wrapped("", "  ", &line);
    }
}

/// The windows that show the labels; the first holds the deciding one.
pub(super) fn windows(sources: &Sources, labels: &[Label], style: Style) -> Vec<Window> {
    let mut by_source: Vec<(SourceId, Vec<SourceLabel>)> = Vec::new();
    for label in labels {
        let Span { source, start, end } = label.span;
        let entry = (start..end, visible(&label.note).into_owned());
        match by_source.iter_mut().find(|(id, _)| *id == source) {
            Some((_, list)) => list.push(entry),
            None => by_source.push((source, vec![entry])),
        }
    }
    let columns = style.width.saturating_sub(8).max(20);
    let mut windows = Vec::new();
    for (id, labels) in by_source {
        let Some(source) = sources.get(id) else { continue };
        let name = visible(&name_of(sources, id, &labels)).into_owned();
        windows.extend(Window::cut(&name, source, &labels, columns));
    }
    windows
}

/// The path of a document; for a policy inside an answer also the line of the file.
fn name_of(sources: &Sources, id: SourceId, labels: &[SourceLabel]) -> String {
    let Some(source) = sources.get(id) else { return String::new() };
    let Some((range, _)) = labels.first() else { return source.name.clone() };
    let outer = sources.outermost(Span::new(id, range.start, range.end));
    match (&source.carrier, sources.get(outer.source)) {
        (Some(_), Some(file)) => {
            format!("{}:{} policy", file.name, file.position(outer.start).line)
        }
        _ => source.name.clone(),
    }
}

/// Renders a message over the windows that show it.
pub(super) fn diagnostic(
    style: Style,
    message: &str,
    severity: Severity,
    windows: Vec<Window>,
) -> Vec<String> {
    let mut windows = windows.into_iter();
    let message = visible(message).into_owned();
    let mut lines = lines_of(style, &Shown { message, severity, window: windows.next() });
    for further in windows {
        lines.extend(window(style, further));
    }
    lines
}

/// Renders a window without a message.
pub(super) fn window(style: Style, window: Window) -> Vec<String> {
    let message = String::new();
    lines_of(style, &Shown { message, severity: Severity::Advice, window: Some(window) })
}

fn lines_of(style: Style, shown: &Shown) -> Vec<String> {
    let theme =
        if style.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_context_lines(1)
        .with_word_separator(textwrap::WordSeparator::AsciiSpace)
        .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
        .with_links(false)
        .without_cause_chain();
    let mut rendered = String::new();
    if handler.render_report(&mut rendered, shown).is_err() {
        // Writing to a string fails only for a span outside its window; the message stands.
        rendered.clone_from(&shown.message);
    }
    let lines = rendered.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
    match shown.message.is_empty() {
        true => lines.skip_while(|line| !line.contains('╭')).map(str::to_owned).collect(),
        false => lines.map(str::to_owned).collect(),
    }
}

#[derive(Debug, Clone, Copy)]
enum Colour {
    Red = 31,
    Green = 32,
    Yellow = 33,
}

/// A finding as miette takes it.
#[derive(Debug)]
struct Shown {
    message: String,
    severity: Severity,
    window: Option<Window>,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let window = self.window.as_ref()?;
        Some(Box::new(window.labels.iter().enumerate().map(|(index, (range, note))| {
            let span = (range.start, range.len());
            if index == 0 {
                LabeledSpan::new_primary_with_span(Some(note.clone()), span)
            } else {
                LabeledSpan::new_with_span(Some(note.clone()), span)
            }
        })))
    }
}
