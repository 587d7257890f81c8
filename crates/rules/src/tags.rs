//! Tags, in the forms in which the services print them.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Node, Value};

/// One tag with its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: String,
    pub(crate) value_span: Span,
}

/// Reads the tags of an answer: AWS Backup prints a map, EC2 and FSx a list under `Tags`, RDS a
/// list under `TagList`, KMS `TagKey` and `TagValue`. `None` where it is none of these, or not
/// all of it is known.
pub(crate) fn read(answer: &Node) -> Option<Vec<Tag>> {
    let tags = answer.member("Tags").or_else(|| answer.member("TagList"))?;
    match &tags.value {
        Value::Object(members) => members
            .iter()
            .map(|member| {
                Some(Tag {
                    key: member.key.known()?.to_owned(),
                    key_span: member.key_span,
                    value: member.value.as_str()?.to_owned(),
                    value_span: member.value.span,
                })
            })
            .collect(),
        Value::Array(elements) => elements.iter().map(pair).collect(),
        _ => None,
    }
}

/// Whether an answer shows a tag of that key.
pub(crate) fn names(answer: &Node, key: &str) -> bool {
    read(answer).is_some_and(|tags| tags.iter().any(|tag| tag.key == key))
}

fn pair(element: &Node) -> Option<Tag> {
    let either = |name: &str, other: &str| element.member(name).or_else(|| element.member(other));
    let (key, value) = (either("Key", "TagKey")?, either("Value", "TagValue")?);
    Some(Tag {
        key: key.as_str()?.to_owned(),
        key_span: key.span,
        value: value.as_str()?.to_owned(),
        value_span: value.span,
    })
}
