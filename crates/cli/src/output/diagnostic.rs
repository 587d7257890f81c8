//! Messages over windows of the documents that show them, as miette draws them.

use std::fmt;

use copy_preflight_policy::source::{SourceId, Sources, Span};
use copy_preflight_rules::outcome::Label;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, Severity, SourceCode,
};

use super::human::Style;
use super::plain::visible;
use super::window::{SourceLabel, Window};

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
