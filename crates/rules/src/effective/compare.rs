//! Our effective policy beside the one that AWS answers.
//!
//! Compared as the facts say that AWS renders: keys in any case, lists as sets, numbers and
//! Booleans as strings, `$account` replaced or not, without empty containers.

use std::collections::{HashMap, HashSet};

use copy_preflight_policy::management::{Entry, Value};
use copy_preflight_policy::tree::{self, Node};

use super::Judged;

/// What the comparison found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Where the two are not the same.
    pub differences: Vec<Difference>,
    /// Ambiguous settings whose value AWS's answer shows.
    pub settled: Vec<Difference>,
}

/// One setting in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The keys, with `/` between them.
    pub path: String,
    /// What the merge shows; `None` for no value.
    pub ours: Option<Value>,
    /// What AWS answers; `None` for no value.
    pub aws: Option<Value>,
}

/// Compares with the document of a `DescribeEffectivePolicy` answer; `None` where AWS answered
/// that there is no effective policy.
#[must_use]
pub fn compare(judged: &Judged, aws: Option<&Node>) -> Comparison {
    compare_in(judged, &judged.account, aws)
}

/// As [`compare`], for an account that shares its policy with the one that it was merged for.
#[must_use]
pub fn compare_in(judged: &Judged, account: &str, aws: Option<&Node>) -> Comparison {
    let mut theirs = Vec::new();
    if let Some(aws) = aws {
        settings_of(aws, "", account, &mut theirs);
    }
    let mut ours = Vec::new();
    flatten(&judged.effective.root, "", account, &mut ours);
    let mut found = Comparison::default();
    let by_path: HashMap<&String, &Value> =
        theirs.iter().map(|(path, value)| (path, value)).collect();
    for (path, possible) in &ours {
        let answer = by_path.get(path).copied();
        let shown = possible.first().cloned().flatten();
        let is = |value: &Option<Value>| match (value, answer) {
            (Some(value), Some(answer)) => !value.is(answer).is_false(),
            (None, None) => true,
            _ => false,
        };
        let difference = Difference { path: path.clone(), ours: shown, aws: answer.cloned() };
        if !possible.iter().any(is) {
            found.differences.push(difference);
        } else if possible.len() > 1 {
            found.settled.push(difference);
        }
    }
    let known: HashSet<&String> = ours.iter().map(|(path, _)| path).collect();
    for (path, value) in &theirs {
        if !known.contains(path) {
            let (path, aws) = (path.clone(), Some(value.clone()));
            found.differences.push(Difference { path, ours: None, aws });
        }
    }
    found
}

type Settings<T> = Vec<(String, T)>;

fn flatten(entry: &Entry, path: &str, account: &str, found: &mut Settings<Vec<Option<Value>>>) {
    if let Some(setting) = &entry.setting {
        if setting.possible.iter().any(Option::is_some) {
            let plain = |value: &Option<Value>| value.as_ref().map(|one| expanded(one, account));
            found.push((
                path.replace("$account", account),
                setting.possible.iter().map(plain).collect(),
            ));
        }
        return;
    }
    for child in &entry.children {
        flatten(child, &join(path, &child.key), account, found);
    }
}

fn settings_of(node: &Node, path: &str, account: &str, found: &mut Settings<Value>) {
    if let tree::Value::Object(members) = &node.value {
        for member in members {
            let key = member.key.to_string().to_lowercase();
            settings_of(&member.value, &join(path, &key), account, found);
        }
        return;
    }
    let value = Value::read(node).unwrap_or(Value::Unknown);
    found.push((path.replace("$account", account), expanded(&value, account)));
}

fn expanded(value: &Value, account: &str) -> Value {
    let text = |text: &copy_preflight_policy::text::Text| match text.known() {
        Some(known) => known.replace("$account", account).into(),
        None => text.clone(),
    };
    match value {
        Value::Scalar(one) => Value::Scalar(text(one)),
        Value::List(list) => Value::List(list.iter().map(text).collect()),
        Value::Unknown => Value::Unknown,
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}/{key}") }
}
