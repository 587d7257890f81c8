//! A JSON text inside a string of a template, with gaps where the template does not settle it.
//!
//! The text is put together as JSON that can be read, with a mark for each gap; then the marks in
//! the tree become gaps of strings and unknown values. A text that holds such characters itself
//! becomes unknown there, which is never wrong.

use std::ops::Range;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{Carrier, Segment, SourceId, Sources, Span};
use copy_preflight_policy::text::{Piece, PieceRef, Text};
use copy_preflight_policy::tree::{Node, Value};

use crate::align::{self, Escapes, Segments};
use crate::problem::Problems;
use crate::tree::unknown;

/// Any characters inside a string.
const PART: char = '\u{e000}';

/// A whole value, or several of them.
const VALUE: char = '\u{e001}';

/// Characters inside a string that may end it.
const BREAKING: char = '\u{e002}';

/// Whether this stands for a gap.
pub(crate) fn is_mark(character: char) -> bool {
    matches!(character, PART | VALUE | BREAKING)
}

/// A document as far as the template settles it.
#[derive(Debug, Clone)]
pub(crate) struct Decoded {
    pub(crate) node: Node,
    /// The first mistake in its text.
    pub(crate) damage: Option<Span>,
}

impl Decoded {
    pub(crate) fn unknown(span: Span) -> Self {
        Self::whole(unknown(span))
    }

    /// A document without text of its own.
    pub(crate) fn whole(node: Node) -> Self {
        Self { node, damage: None }
    }
}

/// The text as far as it has been put together.
#[derive(Debug)]
pub(crate) struct Image {
    /// What carries it.
    source: SourceId,
    text: String,
    segments: Segments,
    has_gaps: bool,
    /// A gap stands where a value or a member does, so that what is around it may not be whole.
    has_loose_gap: bool,
    in_string: bool,
    escaped: bool,
    /// The brackets that stand open.
    open: Vec<u8>,
    /// The last character outside of strings that is no white space.
    last: u8,
}

impl Image {
    pub(crate) fn new(source: SourceId) -> Self {
        Self {
            source,
            text: String::new(),
            segments: Segments::default(),
            has_gaps: false,
            has_loose_gap: false,
            in_string: false,
            escaped: false,
            open: Vec::new(),
            last: b' ',
        }
    }

    /// Characters that stand in `raw`, which begins at `outer`.
    pub(crate) fn literal(&mut self, decoded: &str, raw: &str, outer: u32, escapes: Escapes) {
        let inner = self.text.len() as u32;
        align::align(decoded, raw, (inner, outer), escapes, &mut self.segments);
        self.push(decoded);
    }

    /// Characters that something under `outer` stands for.
    pub(crate) fn value(&mut self, text: &Text, outer: Range<u32>) {
        for piece in text.pieces() {
            match piece {
                PieceRef::Known(known) => self.opaque(known, &outer),
                PieceRef::Gap => self.gap(outer.clone(), false),
            }
        }
    }

    /// Unknown characters that something under `outer` stands for. They may hold quotes.
    pub(crate) fn gap(&mut self, outer: Range<u32>, may_break: bool) {
        self.has_gaps = true;
        let mut mark = [0; 4];
        if !self.in_string {
            self.has_loose_gap = true;
            let at_key = self.open.last() == Some(&b'{') && matches!(self.last, b'{' | b',');
            let value = if at_key { "\"\u{e001}\": \"\u{e001}\"" } else { "\"\u{e001}\"" };
            return self.opaque(value, &outer);
        }
        let part = if may_break { BREAKING } else { PART };
        self.opaque(part.encode_utf8(&mut mark), &outer);
    }

    fn opaque(&mut self, text: &str, outer: &Range<u32>) {
        if text.is_empty() {
            return;
        }
        self.segments.push(Segment {
            inner: self.text.len() as u32,
            inner_length: text.len() as u32,
            outer: outer.start,
            outer_length: outer.end.saturating_sub(outer.start),
            verbatim: false,
        });
        self.push(text);
    }

    fn push(&mut self, text: &str) {
        for byte in text.bytes() {
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.open.push(byte),
                b'}' | b']' => {
                    self.open.pop();
                }
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                self.last = byte;
            }
        }
        self.text.push_str(text);
    }

    /// Reads the text, which stands under `outer`.
    pub(crate) fn read(
        self,
        outer: Range<u32>,
        sources: &mut Sources,
        problems: &mut Problems,
    ) -> Decoded {
        let name = sources.get(self.source).map(|source| source.name.clone()).unwrap_or_default();
        let id = sources.next_id();
        let mut reading = json::read(id, &self.text);
        if self.has_loose_gap && reading.problems.iter().any(|problem| problem.kind.is_syntax()) {
            // What the gap stands for may hold the commas and brackets that are missed.
            return Decoded::unknown(Span::new(self.source, outer.start, outer.end));
        }
        if self.has_gaps {
            restore(&mut reading.root);
        }
        let carrier = Carrier::decoded(self.source, self.segments.into_list(), outer.end);
        sources.add_carried(name, self.text, carrier);
        let damage = problems.add_json(&reading.problems);
        Decoded { node: reading.root, damage }
    }
}

/// Marks become gaps. Trees of JSON are not deep, so this may call itself.
fn restore(node: &mut Node) {
    match &mut node.value {
        Value::String(text) => match restored(text) {
            Restored::Same => {}
            Restored::Text(gapped) => *text = gapped,
            Restored::Value => node.value = Value::Unknown,
        },
        Value::Array(elements) => elements.iter_mut().for_each(restore),
        Value::Object(members) => {
            for member in members {
                match restored(&member.key) {
                    Restored::Same => {}
                    Restored::Text(gapped) => member.key = gapped,
                    Restored::Value => member.key = Text::unknown(),
                }
                restore(&mut member.value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Unknown => {}
    }
}

enum Restored {
    Same,
    Text(Text),
    Value,
}

fn restored(text: &Text) -> Restored {
    let mut pieces = Vec::new();
    let mut changed = false;
    for piece in text.pieces() {
        let PieceRef::Known(known) = piece else {
            pieces.push(Piece::Gap);
            continue;
        };
        if known.contains([VALUE, BREAKING]) {
            return Restored::Value;
        }
        for (index, part) in known.split(PART).enumerate() {
            if index > 0 {
                changed = true;
                pieces.push(Piece::Gap);
            }
            pieces.push(Piece::Known(part.into()));
        }
    }
    if changed { Restored::Text(Text::from_pieces(pieces)) } else { Restored::Same }
}
