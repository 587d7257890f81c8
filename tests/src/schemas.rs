//! The committed JSON Schemas.

use serde_json::Value;

use crate::places::{read, workspace};

/// One of the schemas in `crates/cli/schemas`.
///
/// # Panics
/// Where there is none of that name.
#[must_use]
pub fn schema(name: &str) -> Value {
    let path = workspace().join("crates/cli/schemas").join(format!("{name}.json"));
    serde_json::from_str(&read(&path)).expect("a schema is JSON")
}

/// The official schema of SARIF 2.1.0.
///
/// # Panics
/// Where it is not what it was.
#[must_use]
pub fn sarif() -> Value {
    let schema = read(&workspace().join("tests/schemas/sarif-schema-2.1.0.json"));
    let mut official: Value = serde_json::from_str(&schema).expect("a schema is JSON");
    // One pattern of the schema, of a member that we do not write, is no regular expression.
    for holder in ["run", "toolComponent"] {
        let language = official.pointer_mut(&format!("/definitions/{holder}/properties/language"));
        let language = language.and_then(Value::as_object_mut).expect("the member is there");
        assert!(language.remove("pattern").is_some());
    }
    official
}

/// Members of a value that its schema does not describe, by their paths.
#[must_use]
pub fn undescribed(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(schema, schema, value, "", &mut found);
    found
}

fn compare(schema: &Value, part: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let part = match part["$ref"].as_str() {
        Some(reference) => &schema["$defs"][reference.trim_start_matches("#/$defs/")],
        None => part,
    };
    let part = match part["oneOf"].as_array() {
        Some(choices) => choices.iter().find(|choice| choice["type"] != "null").unwrap_or(part),
        None => part,
    };
    if part.get("$ref").is_some() {
        return compare(schema, part, value, path, found);
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let path = format!("{path}/{key}");
                match part["properties"].get(key) {
                    Some(described) => compare(schema, described, member, &path, found),
                    // Statements and maps of documents have keys of their own.
                    None if part.get("properties").is_none() => {}
                    None => found.push(path),
                }
            }
        }
        Value::Array(elements) => {
            for element in elements {
                compare(schema, &part["items"], element, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}
