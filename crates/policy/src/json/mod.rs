//! JSON into the located tree.
//!
//! The grammar is RFC 8259, read strictly: what a service would refuse is told, each mistake
//! once and by its name, and reading goes on behind it, so that one lost comma does not hide
//! the rest of a policy. Duplicate members are legal JSON; they are told too, and all kept.
//!
//! A value that could not be read is [`Value::Unknown`], and a string of which a part could
//! not be read has a gap there. Time and memory are linear in the text, whatever it holds.

mod problem;

mod reader;

mod number;
mod odd;
mod recovery;
mod string;

mod escape;
mod scan;

mod embedded;

pub use embedded::{Embedded, embedded};
pub use problem::{Container, NumberFault, Problem, ProblemKind, Quotes};

use crate::source::{SourceId, Span};
use crate::tree::{Node, Value};

/// How many objects and lists may stand inside one another.
///
/// The same as in `serde_json`, which calls its limit 128 and refuses the 128th level. What is
/// deeper is told, skipped and unknown.
pub const MAX_DEPTH: usize = 127;

/// A text as far as it could be read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The value of the document; [`Value::Unknown`] where there is none.
    pub root: Node,
    /// What is wrong with the text, in the order in which it stands there.
    pub problems: Vec<Problem>,
}

/// Reads a text that should be one JSON document.
///
/// `source` is the id under which the text is or will be known; all spans carry it. Of a text
/// of more than `u32::MAX` bytes nothing is read, since spans could not point into it.
#[must_use]
pub fn read(source: SourceId, text: &str) -> Reading {
    if u32::try_from(text.len()).is_err() {
        let span = Span::new(source, 0, 0);
        let problem = Problem { kind: ProblemKind::TooLong, span, related: None };
        return Reading { root: Node { span, value: Value::Unknown }, problems: vec![problem] };
    }
    reader::Reader::new(source, text).document()
}

#[cfg(test)]
mod tests;
