//! Whether a tag complies with an effective tag policy.
//!
//! The policy is the document that AWS answers, or a merge in the same form
//! ([`Effective::to_node`](crate::management::Effective::to_node)).

use crate::source::Span;
use crate::tree::{Member, Node, Value};

/// What a tag policy says of one tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compliance<'a> {
    /// The policy does not speak of the key. An untagged resource is never judged.
    NotEvaluated,
    /// The tag complies.
    Compliant,
    /// The key is written in another case than the policy wants. Without `tag_key` lower case is
    /// required.
    KeyCase {
        /// The key as the policy wants it; `None` where it is the policy's own, in lower case.
        wanted: Option<&'a str>,
        /// Where the policy says so.
        span: Span,
    },
    /// The value is none of those that the policy allows.
    Value {
        /// Where the policy lists them.
        span: Span,
    },
    /// The policy cannot be understood at a place.
    NotClear {
        /// Where.
        span: Span,
        /// What should stand there.
        expected: &'static str,
    },
}

/// The part of an effective tag policy that speaks of a key, in any case.
#[must_use]
pub fn entry_of<'a>(policy: &'a Node, key: &str) -> Option<&'a Member> {
    let entries = policy.member("tags")?.members();
    entries
        .iter()
        .find(|entry| entry.key.known().is_some_and(|known| known.eq_ignore_ascii_case(key)))
}

/// What an effective tag policy says of a tag.
#[must_use]
pub fn compliance<'a>(policy: &'a Node, key: &str, value: &str) -> Compliance<'a> {
    let Some(entry) = entry_of(policy, key) else { return Compliance::NotEvaluated };
    match entry.value.member("tag_key") {
        Some(node) => match node.as_str() {
            Some(wanted) if wanted == key => {}
            Some(wanted) => return Compliance::KeyCase { wanted: Some(wanted), span: node.span },
            None => return Compliance::NotClear { span: node.span, expected: "expected a string" },
        },
        None if key.to_lowercase() == key => {}
        None => return Compliance::KeyCase { wanted: None, span: entry.key_span },
    }
    match allows(&entry.value, value) {
        Ok(true) => Compliance::Compliant,
        Ok(false) => {
            let span = entry.value.member("tag_value").map_or(entry.key_span, |node| node.span);
            Compliance::Value { span }
        }
        Err(span) => {
            Compliance::NotClear { span, expected: "expected values with one `*` at most" }
        }
    }
}

/// Whether the entry is enforced for one of these types. `service:ALL_SUPPORTED` stands for every
/// type of the service that can be enforced, and so, in older policies, does `service:*`; that the
/// types are such is for the caller to know.
pub fn is_enforced<'t>(entry: &Node, types: impl IntoIterator<Item = &'t str>) -> bool {
    let Some(list) = entry.member("enforced_for") else { return false };
    let named: Vec<&str> = list.elements().iter().filter_map(Node::as_str).collect();
    types.into_iter().any(|one| {
        named.iter().any(|named| {
            one == *named
                || matches!(
                    (named.split_once(':'), one.split_once(':')),
                    (Some((service, "ALL_SUPPORTED" | "*")), Some((of, _))) if service == of
                )
        })
    })
}

/// Whether the values of the entry allow a value; any value where it lists none.
///
/// # Errors
/// The place of something that is no list of values.
fn allows(entry: &Node, value: &str) -> Result<bool, Span> {
    let Some(list) = entry.member("tag_value") else { return Ok(true) };
    let Value::Array(values) = &list.value else { return Err(list.span) };
    for allowed in values {
        let Some(pattern) = allowed.as_str() else { return Err(allowed.span) };
        let matches = match pattern.split_once('*') {
            None => pattern == value,
            Some((_, end)) if end.contains('*') => return Err(allowed.span),
            Some((begin, end)) => {
                value.len() >= begin.len() + end.len()
                    && value.starts_with(begin)
                    && value.ends_with(end)
            }
        };
        if matches {
            return Ok(true);
        }
    }
    Ok(false)
}
