//! What a document says, whatever way it is written.
//!
//! White space, the order of members and the order of lists say nothing: no answer in a snapshot
//! hangs on them. A policy may be a string or an object, and in a policy a list of one is the
//! same as its element.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_policy::json;
use copy_preflight_policy::source::Sources;
use copy_preflight_policy::tree::{Node, Value};

/// A value without the way it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// `null`, or what cannot be read.
    Nothing,
    /// `true` or `false`.
    Bool(bool),
    /// A number, in its digits.
    Number(String),
    /// A string.
    Text(String),
    /// A list, sorted.
    List(Vec<Meaning>),
    /// Members; a key that stands there twice has two values.
    Object(BTreeMap<String, Vec<Meaning>>),
}

/// A member that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The keys that lead there, with dots between them.
    pub path: String,
    /// What stood there.
    pub before: Option<Meaning>,
    /// What stands there.
    pub after: Option<Meaning>,
}

/// Members that hold a policy.
const POLICIES: [&str; 6] = [
    "Policy",
    "Content",
    "PolicyContent",
    "Document",
    "PolicyDocument",
    "AssumeRolePolicyDocument",
];

impl Meaning {
    /// What a text says; a text that is no JSON says itself.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match parsed(text) {
            Some(root) => Self::of_node(&root, false),
            None => Self::Text(text.to_owned()),
        }
    }

    fn of_node(node: &Node, in_policy: bool) -> Self {
        match &node.value {
            Value::Null | Value::Unknown => Self::Nothing,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(digits) => Self::Number(digits.to_string()),
            Value::String(_) => Self::Text(node.as_str().unwrap_or_default().to_owned()),
            Value::Array(elements) => {
                let mut list: Vec<Self> =
                    elements.iter().map(|element| Self::of_node(element, in_policy)).collect();
                list.sort();
                match (list.len(), list.pop()) {
                    (1, Some(only)) if in_policy => only,
                    (_, last) => {
                        list.extend(last);
                        Self::List(list)
                    }
                }
            }
            Value::Object(members) => {
                let mut object: BTreeMap<String, Vec<Self>> = BTreeMap::new();
                for member in members {
                    let key = member.key.known().unwrap_or_default();
                    let value = Self::of_member(key, &member.value, in_policy);
                    object.entry(key.to_owned()).or_default().push(value);
                }
                Self::Object(object)
            }
        }
    }

    fn of_member(key: &str, value: &Node, in_policy: bool) -> Self {
        if in_policy || !POLICIES.contains(&key) {
            return Self::of_node(value, in_policy);
        }
        let text = value.as_str().and_then(parsed);
        match text {
            Some(root) if !root.members().is_empty() => Self::of_node(&root, true),
            // `Policy` also holds the description of one, in which the policy stands.
            _ => Self::of_node(value, value.member("Statement").is_some()),
        }
    }

    /// The value as JSON.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Nothing => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(digits) => {
                serde_json::from_str(digits).unwrap_or_else(|_| Json::String(digits.clone()))
            }
            Self::Text(text) => Json::String(text.clone()),
            Self::List(list) => Json::Array(list.iter().map(Self::to_json).collect()),
            Self::Object(members) => Json::Object(
                members
                    .iter()
                    .filter_map(|(key, values)| Some((key.clone(), values.last()?.to_json())))
                    .collect(),
            ),
        }
    }
}

fn parsed(text: &str) -> Option<Node> {
    let mut sources = Sources::new();
    let source = sources.add("", text);
    let reading = json::read(source, text);
    let broken = reading.problems.iter().any(|problem| {
        problem.kind.is_syntax() && problem.kind != json::ProblemKind::ByteOrderMark
    });
    (!broken).then_some(reading.root)
}

/// The smallest members that differ, in order.
#[must_use]
pub fn changes(before: &Meaning, after: &Meaning) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Meaning>, after: Option<&Meaning>, found: &mut Vec<Change>) {
    if before == after {
        return;
    }
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    match (before, after) {
        (Some(Meaning::Object(one)), Some(Meaning::Object(other))) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                match (one.get(key).map(Vec::as_slice), other.get(key).map(Vec::as_slice)) {
                    (Some([one]), Some([other])) => {
                        compare(&below(key), Some(one), Some(other), found);
                    }
                    (one, other) if one != other => found.push(Change {
                        path: below(key),
                        before: one.and_then(<[_]>::last).cloned(),
                        after: other.and_then(<[_]>::last).cloned(),
                    }),
                    _ => {}
                }
            }
        }
        (Some(Meaning::List(one)), Some(Meaning::List(other))) => {
            let (gone, come) = (without(one, other), without(other, one));
            match (gone.as_slice(), come.as_slice()) {
                // One element that became another.
                ([one], [other]) => compare(&format!("{path}[]"), Some(one), Some(other), found),
                (gone, come) => {
                    let change = |before: Option<&Meaning>, after: Option<&Meaning>| Change {
                        path: format!("{path}[]"),
                        before: before.cloned(),
                        after: after.cloned(),
                    };
                    found.extend(gone.iter().map(|&one| change(Some(one), None)));
                    found.extend(come.iter().map(|&one| change(None, Some(one))));
                }
            }
        }
        (before, after) => {
            let path = path.to_owned();
            found.push(Change { path, before: before.cloned(), after: after.cloned() });
        }
    }
}

/// The elements of one list that the other lacks; each counts as often as it stands there.
fn without<'m>(list: &'m [Meaning], other: &[Meaning]) -> Vec<&'m Meaning> {
    let mut left: Vec<&Meaning> = other.iter().collect();
    list.iter()
        .filter(|one| match left.iter().position(|other| other == one) {
            Some(at) => {
                left.swap_remove(at);
                false
            }
            None => true,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(before: &str, after: &str) -> Vec<String> {
        let changes = changes(&Meaning::of(before), &Meaning::of(after));
        changes.into_iter().map(|change| change.path).collect()
    }

    #[test]
    fn the_way_it_is_written_is_no_change() {
        for (one, other) in [
            (r#"{"a":1,"b":[1,2]}"#, "{\n \"b\": [2, 1],\n \"a\": 1 }"),
            (
                r#"{"Policy":"{\"Statement\":[{\"Action\":\"a:B\"}]}"}"#,
                r#"{"Policy":{"Statement":{"Action":["a:B"]}}}"#,
            ),
            ("no json", "no json"),
        ] {
            assert_eq!(paths(one, other), Vec::<String>::new(), "{one} {other}");
        }
    }

    #[test]
    fn the_smallest_member_is_named() {
        for (one, other, path) in [
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":3}"#, "b"),
            (r#"{"a":1}"#, r#"{"a":1,"b":3}"#, "b"),
            (r#"{"a":["x"]}"#, r#"{"a":"x"}"#, "a"),
            (r#"{"a":[{"k":1},{"k":2}]}"#, r#"{"a":[{"k":2},{"k":3}]}"#, "a[].k"),
            (r#"{"a":[1,1]}"#, r#"{"a":[1]}"#, "a[]"),
            (
                r#"{"Policy":"{\"Statement\":[{\"Sid\":\"a\",\"Action\":\"a:B\"}]}"}"#,
                r#"{"Policy":"{\"Statement\":[{\"Sid\":\"a\",\"Action\":\"a:C\"}]}"}"#,
                "Policy.Statement.Action",
            ),
            ("{", "[", ""),
        ] {
            assert_eq!(paths(one, other), [path], "{one} {other}");
        }
    }
}
