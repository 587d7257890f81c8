//! The located tree: what the policy languages read, whatever format it was written in.
//!
//! JSON is one builder of it; templates are others. Every node knows where it stands, objects
//! keep the order and the duplicates of their members, and a string may be known only in part.

use smol_str::SmolStr;

use crate::source::Span;
use crate::text::Text;

/// A value and where it stands. Equality compares values, never places.
#[derive(Debug, Clone)]
pub struct Node {
    /// From the first to behind the last byte of the value.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

/// A value of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in the digits it was written with, so that no account id loses a zero.
    Number(SmolStr),
    /// A string, perhaps with gaps.
    String(Text),
    /// A list.
    Array(Vec<Node>),
    /// Members in their order, duplicates included.
    Object(Vec<Member>),
    /// Something stands here that could not be read, or that is not known before a template
    /// is applied. It may be any value.
    Unknown,
}

/// One `key: value` of an object.
#[derive(Debug, Clone)]
pub struct Member {
    /// The key, perhaps with gaps.
    pub key: Text,
    /// The key with its quotes.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The first member with this key. `None` for a value that is no object.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Node> {
        self.members()
            .iter()
            .find(|member| member.key.known() == Some(key))
            .map(|member| &member.value)
    }

    /// The members of an object; empty for any other value.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; empty for any other value.
    #[must_use]
    pub fn elements(&self) -> &[Node] {
        match &self.value {
            Value::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The string where it is one and all of it is known.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => text.known(),
            _ => None,
        }
    }

    /// The Boolean where it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The whole number where it is one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// What kind of value this is, as a message names it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            Value::Unknown => "an unknown value",
        }
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.value == other.value
    }
}
