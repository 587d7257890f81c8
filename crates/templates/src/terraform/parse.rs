//! Terraform syntax. `hcl-edit` stops at its first error; a file that is being edited has one
//! broken block, and its other blocks are read all the same.

use std::ops::Range;
use std::sync::Arc;

use copy_preflight_policy::source::{SourceId, Span};
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::parser::{Error, parse_body};
use hcl_edit::structure::{BlockLabel, Body};
use hcl_edit::visit::{self, Visit};

use crate::document::Comment;
use crate::problem::{ProblemKind, Problems};

/// What begins a block at the top of a file.
const BLOCKS: [&str; 13] = [
    "resource",
    "data",
    "locals",
    "variable",
    "module",
    "provider",
    "terraform",
    "output",
    "moved",
    "import",
    "check",
    "removed",
    "ephemeral",
];

/// A file, or one block of a broken file.
#[derive(Debug)]
pub(crate) struct Part {
    /// Where it stands.
    pub(crate) place: Place,
    pub(crate) body: Body,
}

/// What turns a range of the parser into a span.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) source: SourceId,
    /// The text that was parsed.
    pub(crate) text: Arc<str>,
    /// Where its first byte stands in the source.
    pub(crate) base: u32,
}

impl Place {
    /// The span of this part of the syntax.
    pub(crate) fn span(&self, of: &impl hcl_edit::Span) -> Span {
        self.span_of(of.span().unwrap_or_default())
    }

    pub(crate) fn span_of(&self, range: Range<usize>) -> Span {
        // INVARIANT: offsets fit, since longer texts are not parsed.
        Span::new(self.source, self.base + range.start as u32, self.base + range.end as u32)
    }

    /// The text as it is written.
    pub(crate) fn raw(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

/// Parses a file; the parts of a broken one that could be parsed.
pub(crate) fn body(source: SourceId, text: &Arc<str>, problems: &mut Problems) -> Vec<Part> {
    if u32::try_from(text.len()).is_err() {
        let kind = ProblemKind::Json(copy_preflight_policy::json::ProblemKind::TooLong);
        problems.add(kind, Span::new(source, 0, 0));
        return Vec::new();
    }
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let whole = mark..text.len();
    let error = match part(source, text, whole) {
        Ok(part) => return vec![part],
        Err(error) => error,
    };
    let mut parts = Vec::new();
    let mut told = false;
    for block in blocks(text, mark) {
        let start = block.start;
        match part(source, text, block) {
            Ok(part) => parts.push(part),
            Err(error) => {
                told = true;
                tell(source, start, &error, text, problems);
            }
        }
    }
    if !told {
        tell(source, mark, &error, text, problems);
    }
    parts
}

fn part(source: SourceId, text: &Arc<str>, range: Range<usize>) -> Result<Part, Error> {
    let base = range.start as u32;
    let text = if range == (0..text.len()) {
        text.clone()
    } else {
        text.get(range).unwrap_or_default().into()
    };
    let body = parse_body(&text)?;
    Ok(Part { place: Place { source, text, base }, body })
}

fn tell(source: SourceId, base: usize, error: &Error, text: &str, problems: &mut Problems) {
    let start = base + error.location().offset();
    let length = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let span = Span::new(source, start as u32, (start + length) as u32);
    let message = error.message().lines().collect::<Vec<_>>().join(" ");
    problems.add(ProblemKind::Terraform(message), span);
}

/// Cuts a text before each line that begins a block.
fn blocks(text: &str, from: usize) -> Vec<Range<usize>> {
    let mut starts = vec![from];
    let mut at = from;
    // Comments right above a block are its own.
    let mut comments = None;
    for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
        let begins = BLOCKS.iter().any(|word| {
            line.strip_prefix(word)
                .is_some_and(|rest| rest.starts_with([' ', '\t', '"', '{', '\r', '\n']))
        });
        if begins && at > from {
            starts.push(comments.unwrap_or(at));
        }
        comments = match line.starts_with('#') || line.starts_with("//") {
            true => comments.or(Some(at)),
            false => None,
        };
        at += line.len();
    }
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// Adds the comments of a file. The parser hangs them on what they stand beside; looking for them
/// outside of strings finds them all.
pub(crate) fn comments(source: SourceId, text: &str, parts: &[Part], into: &mut Vec<Comment>) {
    for part in parts {
        let mut strings = Strings::default();
        strings.visit_body(&part.body);
        strings.0.sort_unstable_by_key(|range| range.start);
        let base = part.place.base as usize;
        let mut at = 0;
        let end = part.place.text.len();
        let gaps = strings.0.iter().map(|string| (string.start, string.end));
        for (string, behind) in gaps.chain([(end, end)]) {
            if string >= at {
                let between = part.place.raw(at..string);
                comments_between(source, text, base + at, between, into);
                at = behind;
            }
        }
    }
}

fn comments_between(
    source: SourceId,
    text: &str,
    base: usize,
    between: &str,
    into: &mut Vec<Comment>,
) {
    let mut at = 0;
    while let Some(found) = between.get(at..).and_then(|rest| rest.find(['#', '/'])) {
        let start = at + found;
        let rest = between.get(start..).unwrap_or_default();
        let length = if rest.starts_with('#') || rest.starts_with("//") {
            rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or(rest)).trim_end().len()
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            at = start + 1;
            continue;
        };
        at = start + length;
        let before = text.get(..base + start).unwrap_or_default();
        into.push(Comment {
            span: Span::new(source, (base + start) as u32, (base + at) as u32),
            text: between.get(start..at).unwrap_or_default().to_owned(),
            own_line: before
                .trim_end_matches([' ', '\t'])
                .chars()
                .next_back()
                .is_none_or(|c| c == '\n'),
        });
    }
}

/// The ranges of strings.
#[derive(Default)]
struct Strings(Vec<Range<usize>>);

impl Visit for Strings {
    fn visit_expr(&mut self, expression: &Expression) {
        match expression {
            Expression::String(_)
            | Expression::StringTemplate(_)
            | Expression::HeredocTemplate(_) => self.0.extend(expression.span()),
            _ => visit::visit_expr(self, expression),
        }
    }

    fn visit_block_label(&mut self, label: &BlockLabel) {
        self.0.extend(label.span());
    }
}
