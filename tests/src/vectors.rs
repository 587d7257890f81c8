//! Vectors: cases with their expected answers, as they stand in a file.

use copy_preflight::simulate;
use copy_preflight_policy::iam::{Context, ContextValue};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};

use crate::facts;
use crate::nodes;

/// One case.
#[derive(Debug, Clone)]
pub struct Vector {
    /// The case as it is written, on one line.
    pub line: String,
    /// The case as tree.
    pub node: Node,
}

/// The cases of one kind in the text of a vector file, in their order.
///
/// # Panics
/// Where the text is no vector file.
#[must_use]
pub fn of_kind(file: &str, kind: &str) -> Vec<Vector> {
    let root = nodes::json(file);
    let vectors = root.member("vectors").expect("a vector file has `vectors`").elements();
    vectors
        .iter()
        .filter(|vector| vector.member("kind").and_then(Node::as_str) == Some(kind))
        .map(|vector| Vector {
            // Raw line ends stand in JSON between values only, never inside a string.
            line: file[vector.span.range()].replace(['\n', '\r'], " "),
            node: vector.clone(),
        })
        .collect()
}

impl Vector {
    /// A member that is a string.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.node.member(member).and_then(Node::as_str)
    }

    /// What the case is called in a message.
    #[must_use]
    pub fn name(&self) -> String {
        let part = |member| self.text(member).unwrap_or("?");
        format!("{} ({})", part("id"), part("title"))
    }

    /// The answer that is expected.
    ///
    /// # Panics
    /// Where the case has none.
    #[must_use]
    pub fn expected(&self) -> &str {
        self.text("expected").unwrap_or_else(|| panic!("{} expects nothing", self.name()))
    }

    /// The context of the case; a closed world where it has none.
    #[must_use]
    pub fn context(&self) -> Context {
        self.node.member("context").map_or_else(Context::closed, context)
    }
}

/// Reads a context as vectors write it: `world`, `known`, `present`, `absent`.
#[must_use]
pub fn context(node: &Node) -> Context {
    let mut context = match node.member("world").and_then(Node::as_str) {
        Some("open") => Context::open(),
        _ => Context::closed(),
    };
    for (name, value) in [("present", ContextValue::Present), ("absent", ContextValue::Absent)] {
        for key in node.member(name).map_or(&[][..], Node::elements) {
            context.set(key.as_str().expect("a key is a string"), value.clone());
        }
    }
    for member in node.member("known").map_or(&[][..], Node::members) {
        let value = match &member.value.value {
            Value::Array(values) => ContextValue::Many(values.iter().map(scalar).collect()),
            _ => ContextValue::Known(scalar(&member.value)),
        };
        context.set(member.key.known().expect("a key is known"), value);
    }
    context
}

fn scalar(node: &Node) -> Text {
    match &node.value {
        Value::String(text) => text.clone(),
        Value::Number(digits) => Text::Known(digits.clone()),
        Value::Bool(value) => value.to_string().into(),
        other => panic!("a context value cannot be {other:?}"),
    }
}

/// What `simulate` answers to a line, as its readers see it.
///
/// # Panics
/// Where the answer is no JSON object.
#[must_use]
pub fn simulate(line: &str) -> serde_json::Value {
    let answer = simulate::answer(line.as_bytes(), facts::catalogue());
    serde_json::to_value(&answer).expect("an answer is JSON")
}

/// Decision and kind of an answer: `deny:implicit`, `allow`, or `error: …`.
#[must_use]
pub fn outcome(answer: &serde_json::Value) -> String {
    match (answer["decision"].as_str(), answer["kind"].as_str()) {
        (Some(decision), Some(kind)) => format!("{decision}:{kind}"),
        (Some(decision), None) => decision.to_owned(),
        (None, _) => format!("error: {}", answer["error"]),
    }
}
