//! Making nodes of the tree.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::{Piece, PieceRef, Text};
use copy_preflight_policy::tree::{Member, Node, Value};

/// A value of which nothing is known.
pub(crate) fn unknown(span: Span) -> Node {
    Node { span, value: Value::Unknown }
}

/// A string.
pub(crate) fn string(text: impl Into<Text>, span: Span) -> Node {
    Node { span, value: Value::String(text.into()) }
}

/// A member whose key the template implies rather than writes, at the place that implies it.
pub(crate) fn member(key: &str, key_span: Span, value: Node) -> Member {
    Member { key: key.into(), key_span, value }
}

/// The value as part of a longer string. `None` for one that is no part of strings.
pub(crate) fn as_text(node: &Node) -> Option<Text> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Number(digits) => Some(digits.clone().into()),
        Value::Bool(value) => Some(if *value { "true" } else { "false" }.into()),
        Value::Unknown => Some(Text::unknown()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// As [`as_text`], and unknown where there is none.
pub(crate) fn to_text(node: &Node) -> Text {
    as_text(node).unwrap_or_else(Text::unknown)
}

/// Texts behind one another.
pub(crate) fn joined<'a>(parts: impl IntoIterator<Item = &'a Text>) -> Text {
    Text::from_pieces(parts.into_iter().flat_map(|part| {
        part.pieces().map(|piece| match piece {
            PieceRef::Known(text) => Piece::Known(text.into()),
            PieceRef::Gap => Piece::Gap,
        })
    }))
}

/// An ARN of this service and resource, in a partition, Region and account that are not known.
/// IAM is global: its ARNs name no Region.
pub(crate) fn arn(service: &str, resource: &Text) -> Text {
    let gap = Text::unknown();
    let region = if service == "iam" { Text::from("") } else { gap.clone() };
    let (colon, service) = (Text::from(":"), Text::from(service));
    joined([
        &"arn:".into(),
        &gap,
        &colon,
        &service,
        &colon,
        &region,
        &colon,
        &gap,
        &colon,
        resource,
    ])
}
