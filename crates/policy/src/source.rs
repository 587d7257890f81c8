//! Texts, places in them, and how a place in a decoded text maps to the file that carries it.

use std::ops::Range;
use std::sync::Arc;

/// Names a [`Source`] within one [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// The id with this index; meaningful only to the [`Sources`] that gave it out.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }
}

/// A range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source it stands in.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
}

impl Span {
    /// A range of bytes in a source.
    #[must_use]
    pub const fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, start, end }
    }

    /// The smallest span that covers both; `self` where they stand in different sources.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.source == other.source {
            Self::new(self.source, self.start.min(other.start), self.end.max(other.end))
        } else {
            self
        }
    }

    /// The bytes as a range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A text that spans point into.
#[derive(Debug, Clone)]
pub struct Source {
    /// What a person calls it: a path, or the answer of a call.
    pub name: String,
    /// The text as it was read; a policy is the text inside its string, decoded.
    pub text: Arc<str>,
    /// Where the text stands in another source, for a text inside a file.
    pub carrier: Option<Carrier>,
    /// Offsets of the first byte of each line.
    lines: Vec<u32>,
}

/// A place as a person names it, both 1-based; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl Source {
    fn new(name: String, text: Arc<str>, carrier: Option<Carrier>) -> Self {
        let lines = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1))
            .collect();
        Self { name, text, carrier, lines }
    }

    /// A text outside of any collection, to find places in.
    pub fn alone(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self::new(name.into(), text.into(), None)
    }

    /// The text under a range; empty where the range is not one of this text.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Line and column of a byte offset; an offset behind the end is the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (offset as usize).max(start);
        let column = match self.text.get(start..end) {
            Some(before) => before.chars().count(),
            None => end - start,
        };
        Position { line: line as u32, column: column as u32 + 1 }
    }

    /// The bytes of a line, counted from 1, without its line end.
    #[must_use]
    pub fn line_range(&self, line: u32) -> Option<Range<usize>> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.lines.get(index)? as usize;
        let end = match self.lines.get(index + 1) {
            Some(&next) => next as usize - 1,
            None => self.text.len(),
        };
        let end = if self.slice(start..end).ends_with('\r') { end - 1 } else { end };
        Some(start..end)
    }

    /// How many lines the text has; a text without a line end has one.
    #[must_use]
    pub fn line_count(&self) -> u32 {
        self.lines.len() as u32
    }
}

/// Where a text stands inside another: the source that carries it, and how offsets map.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// The source that carries the text.
    pub source: SourceId,
    /// INVARIANT: in order and without overlap, inner and outer; the inner ranges leave no gap.
    segments: Vec<Segment>,
    /// Behind the last outer byte of the text.
    end: u32,
}

/// A stretch of the decoded text and the bytes of the carrier it was decoded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The first byte in the decoded text.
    pub inner: u32,
    /// How many bytes of the decoded text.
    pub inner_length: u32,
    /// The first byte in the carrier.
    pub outer: u32,
    /// How many bytes of the carrier.
    pub outer_length: u32,
    /// Whether the bytes are the same, one for one; otherwise an escape sequence that only
    /// maps as a whole.
    pub verbatim: bool,
}

impl Carrier {
    /// A text that stands in its carrier byte for byte.
    #[must_use]
    pub fn verbatim(source: SourceId, range: Range<u32>) -> Self {
        let length = range.end - range.start;
        let whole = Segment {
            inner: 0,
            inner_length: length,
            outer: range.start,
            outer_length: length,
            verbatim: true,
        };
        Self::decoded(source, vec![whole], range.end)
    }

    /// A text decoded from its carrier by segments; `end` is behind its last outer byte.
    #[must_use]
    pub fn decoded(source: SourceId, segments: Vec<Segment>, end: u32) -> Self {
        Self { source, segments, end }
    }

    /// The smallest range of the carrier that holds this range of the text.
    #[must_use]
    pub fn map(&self, start: u32, end: u32) -> Span {
        let outer_start = self.segment_with(start).map_or(self.end, |segment| {
            if segment.verbatim { segment.outer + (start - segment.inner) } else { segment.outer }
        });
        let last = end.checked_sub(1).filter(|&last| last >= start);
        let outer_end =
            last.and_then(|last| self.segment_with(last)).map_or(outer_start, |segment| {
                if segment.verbatim {
                    segment.outer + (end - segment.inner)
                } else {
                    segment.outer + segment.outer_length
                }
            });
        Span::new(self.source, outer_start, outer_end)
    }

    fn segment_with(&self, inner: u32) -> Option<&Segment> {
        let behind = self.segments.partition_point(|segment| segment.inner <= inner);
        let segment = self.segments.get(behind.checked_sub(1)?)?;
        (inner < segment.inner + segment.inner_length).then_some(segment)
    }
}

/// All texts of a run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Texts that other collections share, under the first ids.
    below: Option<Arc<Sources>>,
    sources: Vec<Source>,
}

impl Sources {
    /// No texts yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// These texts and others beside them. The ids of these stay what they are.
    #[must_use]
    pub fn over(below: Arc<Self>) -> Self {
        Self { below: Some(below), sources: Vec::new() }
    }

    /// The id that the next added source gets: a reader needs it for its spans before the
    /// source is complete.
    #[must_use]
    pub fn next_id(&self) -> SourceId {
        SourceId(self.first() + self.sources.len() as u32)
    }

    /// The id of the first source of its own.
    fn first(&self) -> u32 {
        self.below.as_ref().map_or(0, |below| below.next_id().0)
    }

    /// Adds a text that stands on its own.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        self.push(Source::new(name.into(), text.into(), None))
    }

    /// Adds a text that stands inside another one.
    pub fn add_carried(
        &mut self,
        name: impl Into<String>,
        text: impl Into<Arc<str>>,
        carrier: Carrier,
    ) -> SourceId {
        self.push(Source::new(name.into(), text.into(), Some(carrier)))
    }

    fn push(&mut self, source: Source) -> SourceId {
        let id = self.next_id();
        self.sources.push(source);
        id
    }

    /// The source with this id; `None` for an id of another collection.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        match id.0.checked_sub(self.first()) {
            Some(own) => self.sources.get(own as usize),
            None => self.below.as_ref()?.get(id),
        }
    }

    /// The text under a span; empty where the span is not one of these sources.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).map_or("", |source| source.slice(span.range()))
    }

    /// The place in the outermost source, a file or an answer, that a span stands for.
    #[must_use]
    pub fn outermost(&self, span: Span) -> Span {
        let mut span = span;
        while let Some(carrier) = self.get(span.source).and_then(|source| source.carrier.as_ref()) {
            span = carrier.map(span.start, span.end);
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let mut sources = Sources::new();
        let id = sources.add("a", "é1\r\nüx\n");
        let source = sources.get(id).unwrap();
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(2), Position { line: 1, column: 2 });
        assert_eq!(source.position(7), Position { line: 2, column: 2 });
        assert_eq!(source.position(900), Position { line: 3, column: 1 });
        assert_eq!(source.slice(source.line_range(1).unwrap()), "é1");
        assert_eq!(source.slice(source.line_range(3).unwrap()), "");
        assert_eq!(source.line_range(4), None);
        assert_eq!(source.line_count(), 3);
    }

    #[test]
    fn texts_below_keep_their_ids() {
        let mut below = Sources::new();
        let one = below.add("one", "1");
        let below = Arc::new(below);
        for other in ["2", "3"] {
            let mut above = Sources::over(Arc::clone(&below));
            assert_eq!(above.next_id(), SourceId::new(1));
            let two = above.add("two", other);
            assert_eq!(above.slice(Span::new(one, 0, 1)), "1");
            assert_eq!(above.slice(Span::new(two, 0, 1)), other);
            assert!(below.get(two).is_none());
        }
    }

    #[test]
    fn spans_map_through_escapes() {
        // carrier: "a\"b\u00e9c" from byte 1 on; decoded: a"béc
        let mut sources = Sources::new();
        let file = sources.add("file", r#""a\"b\u00e9c""#);
        let segment = |inner, inner_length, outer, outer_length| Segment {
            inner,
            inner_length,
            outer,
            outer_length,
            verbatim: inner_length == outer_length,
        };
        let segments = vec![
            segment(0, 1, 1, 1),
            segment(1, 1, 2, 2),
            segment(2, 1, 4, 1),
            segment(3, 2, 5, 6),
            segment(5, 1, 11, 1),
        ];
        let inner = sources.add_carried("policy", "a\"béc", Carrier::decoded(file, segments, 12));
        let outer = |start, end| sources.slice(sources.outermost(Span::new(inner, start, end)));
        assert_eq!(outer(0, 1), "a");
        assert_eq!(outer(0, 2), r#"a\""#);
        assert_eq!(outer(1, 2), r#"\""#);
        assert_eq!(outer(1, 3), r#"\"b"#);
        assert_eq!(outer(2, 5), r"b\u00e9");
        assert_eq!(outer(3, 4), r"\u00e9");
        assert_eq!(outer(5, 6), "c");
        let empty_at_end = sources.outermost(Span::new(inner, 6, 6));
        assert_eq!((empty_at_end.start, empty_at_end.end), (12, 12));
    }
}
