//! A text inside a string: a policy in an answer, in a template, in another policy's file.

use super::escape::{Chunk, Chunks};
use crate::source::{Carrier, Segment, Span};

/// A decoded string, and how its characters stand in the text it was decoded from.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The string's value.
    pub text: String,
    /// Where the value stands; for [`Sources::add_carried`](crate::source::Sources::add_carried).
    pub carrier: Carrier,
}

/// Decodes the string under `string`, a span in `text` of a string that [`read`](super::read)
/// gave, quotes included.
///
/// `None` where no string stands there, or one of which not everything is known.
#[must_use]
pub fn embedded(text: &str, string: Span) -> Option<Embedded> {
    let range = string.range();
    let quoted = text.get(range.clone())?;
    let quote = quoted.chars().next()?;
    let closing = quoted.get(quote.len_utf8()..)?.chars().next_back()?;
    let inside = range.start + quote.len_utf8()..range.end - closing.len_utf8();
    if !matches!(quote, '"' | '\'' | '`') {
        return None;
    }
    if closing != quote {
        return None;
    }
    let mut chunks = Chunks::new(text.get(..inside.end)?, inside.start, quote as u8);
    let mut decoded = String::with_capacity(inside.len());
    let mut segments: Vec<Segment> = Vec::new();
    loop {
        let (outer, chunk) = chunks.next();
        let inner = decoded.len() as u32;
        let verbatim = match chunk {
            Chunk::Plain | Chunk::Control(_) => {
                decoded.push_str(text.get(outer.clone())?);
                true
            }
            Chunk::Escape(character) => {
                decoded.push(character);
                false
            }
            Chunk::End => break,
            Chunk::Broken(_) | Chunk::Quote => return None,
        };
        let inner_length = decoded.len() as u32 - inner;
        let outer_length = outer.len() as u32;
        match segments.last_mut() {
            Some(last) if verbatim && last.verbatim => {
                last.inner_length += inner_length;
                last.outer_length += outer_length;
            }
            _ => segments.push(Segment {
                inner,
                inner_length,
                outer: outer.start as u32,
                outer_length,
                verbatim,
            }),
        }
    }
    let carrier = Carrier::decoded(string.source, segments, inside.end as u32);
    Some(Embedded { text: decoded, carrier })
}
