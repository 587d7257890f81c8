//! What holds between the reader and `serde_json` for every text. The fuzz target checks the
//! same.

use copy_preflight_policy::json::{self, Reading};
use copy_preflight_policy::source::{SourceId, Span};
use copy_preflight_policy::tree::{Node, Value};
use serde_json::{Map, Number};

/// Reads the text with both; an error says what does not hold.
///
/// Both refuse the text, or both take it for the same value, the last of duplicate members
/// counting. The one exception: RFC 8259 knows no largest number, `serde_json` does.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let reading = json::read(SourceId::new(0), text);
    places(text, &reading)?;
    let mistake = reading.problems.iter().find(|problem| !problem.kind.is_duplicate());
    match (serde_json::from_str::<serde_json::Value>(text), mistake) {
        (Ok(_), Some(mistake)) => Err(format!("serde_json takes it; the reader says: {mistake}")),
        (Err(error), None) if !error.to_string().starts_with("number out of range") => {
            Err(format!("the reader takes it; serde_json says: {error}"))
        }
        (Ok(expected), None) => {
            let value = value(&reading.root)?;
            if value != expected {
                return Err(format!("serde_json reads {expected}, the reader {value}"));
            }
            leaves(text, &reading.root)
        }
        (Err(_), _) => Ok(()),
    }
}

/// Problems stand in order and, like values, within the text; what is in something else stands
/// within it.
fn places(text: &str, reading: &Reading) -> Result<(), String> {
    let mut last = 0;
    for problem in &reading.problems {
        for span in [problem.span].into_iter().chain(problem.related) {
            if text.get(span.range()).is_none() {
                return Err(format!("{problem}: {span:?} is no part of the text"));
            }
        }
        if problem.span.start < last {
            return Err(format!("{problem} is not in order"));
        }
        last = problem.span.start;
    }
    let whole = Span::new(reading.root.span.source, 0, text.len() as u32);
    node_within(text, &reading.root, whole).map(drop)
}

/// Gives what remains of the span behind the node.
fn node_within(text: &str, node: &Node, around: Span) -> Result<Span, String> {
    let behind = span_within(text, node.span, around)?;
    let mut inside = node.span;
    for member in node.members() {
        inside = span_within(text, member.key_span, inside)?;
        inside = node_within(text, &member.value, inside)?;
        if let Some(key) = member.key.known() {
            embeds(text, member.key_span, key)?;
        }
    }
    for element in node.elements() {
        inside = node_within(text, element, inside)?;
    }
    if let Some(string) = node.as_str() {
        embeds(text, node.span, string)?;
    }
    Ok(behind)
}

fn span_within(text: &str, span: Span, around: Span) -> Result<Span, String> {
    if text.get(span.range()).is_none() || span.start < around.start || span.end > around.end {
        return Err(format!("{span:?} is not within {around:?}"));
    }
    Ok(Span::new(span.source, span.end, around.end))
}

/// A known string in quotes of ASCII decodes to the same text by itself.
fn embeds(text: &str, span: Span, string: &str) -> Result<(), String> {
    let quoted = text.get(span.range()).unwrap_or_default();
    if !quoted.starts_with(['"', '\'', '`']) {
        return Ok(());
    }
    match json::embedded(text, span) {
        Some(embedded) if embedded.text == string => Ok(()),
        embedded => Err(format!("{quoted} reads as {string:?} and decodes to {embedded:?}")),
    }
}

/// The characters under a string, a key or a number are that string, key or number.
fn leaves(text: &str, node: &Node) -> Result<(), String> {
    match &node.value {
        Value::Array(elements) => elements.iter().try_for_each(|element| leaves(text, element)),
        Value::Object(members) => members.iter().try_for_each(|member| {
            let key = Value::String(member.key.clone());
            leaf(text, &Node { span: member.key_span, value: key })?;
            leaves(text, &member.value)
        }),
        _ => leaf(text, node),
    }
}

fn leaf(text: &str, node: &Node) -> Result<(), String> {
    let written = text.get(node.span.range()).unwrap_or_default();
    match serde_json::from_str::<serde_json::Value>(written) {
        Ok(read) if read == value(node)? => Ok(()),
        other => Err(format!("{node:?} stands for {written:?}, which is {other:?}")),
    }
}

fn value(node: &Node) -> Result<serde_json::Value, String> {
    Ok(match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(digits) => serde_json::from_str::<Number>(digits)
            .map_err(|error| format!("{digits}: {error}"))?
            .into(),
        Value::String(text) => text.known().ok_or("a string with gaps")?.into(),
        Value::Array(elements) => elements.iter().map(value).collect::<Result<Vec<_>, _>>()?.into(),
        Value::Object(members) => {
            let mut map = Map::new();
            for member in members {
                let key = member.key.known().ok_or("a key with gaps")?;
                map.insert(key.to_owned(), value(&member.value)?);
            }
            map.into()
        }
        Value::Unknown => return Err("an unknown value without a mistake".into()),
    })
}
