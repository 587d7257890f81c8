//! Trees built by hand, and policies read from texts and trees.

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::json;
use copy_preflight_policy::source::{SourceId, Span};
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::{Member, Node, Value};

/// A place for nodes that stand nowhere.
pub const NOWHERE: Span = Span::new(SourceId::new(0), 0, 0);

/// A node of this value.
#[must_use]
pub fn node(value: Value) -> Node {
    Node { span: NOWHERE, value }
}

/// A known string.
#[must_use]
pub fn string(text: &str) -> Node {
    node(Value::String(text.into()))
}

/// A list.
pub fn list(elements: impl IntoIterator<Item = Node>) -> Node {
    node(Value::Array(elements.into_iter().collect()))
}

/// A list of known strings.
#[must_use]
pub fn strings<T: AsRef<str>>(texts: &[T]) -> Node {
    list(texts.iter().map(|text| string(text.as_ref())))
}

/// An object.
pub fn object<K: AsRef<str>>(members: impl IntoIterator<Item = (K, Node)>) -> Node {
    node(Value::Object(
        members
            .into_iter()
            .map(|(key, value)| Member { key: key.as_ref().into(), key_span: NOWHERE, value })
            .collect(),
    ))
}

/// A text in which each `~` is a gap.
#[must_use]
pub fn gapped(written: &str) -> Text {
    let mut pieces = Vec::new();
    for (index, known) in written.split('~').enumerate() {
        if index > 0 {
            pieces.push(Piece::Gap);
        }
        pieces.push(Piece::Known(known.into()));
    }
    Text::from_pieces(pieces)
}

/// The tree of a JSON text.
///
/// # Panics
/// Where the text is no JSON.
#[must_use]
pub fn json(text: &str) -> Node {
    let reading = json::read(SourceId::new(0), text);
    let fault = reading.problems.iter().find(|problem| !problem.kind.is_duplicate());
    assert!(fault.is_none(), "{fault:?} in {text}");
    reading.root
}

/// The policy that a tree holds.
#[must_use]
pub fn policy(node: &Node) -> Policy {
    Policy::read(node, Integrity::Whole)
}
