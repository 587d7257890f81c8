//! What AWS says is recognised: every message of the shared list, in many dresses, and nothing
//! else.

use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::message::recognise;
use copy_preflight_tests::places::{read, shared};
use serde_json::Value;

/// Kinds of the shared list that are recognised without exception.
const WHOLE_KINDS: [&str; 3] = ["copy-job", "any-job", "underlying-service"];

fn facts() -> Facts {
    Facts::embedded().unwrap()
}

/// The rows of the shared list.
fn listed() -> Option<Vec<Value>> {
    let text = read(&shared()?.join("facts/failure-messages.jsonl"));
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.len() >= 154, "{} rows", rows.len());
    Some(rows)
}

#[test]
fn every_listed_message_of_a_copy_has_its_class_first() {
    let Some(rows) = listed() else { return };
    let facts = facts();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for row in &rows {
        let field = |name: &str| row[name].as_str().unwrap();
        let whole = WHOLE_KINDS.contains(&field("kind"));
        seen += usize::from(whole);
        let found = recognise(field("message"), &facts);
        match found {
            Some(found) if found.row.causes[0].class == field("cause_class") => {}
            Some(found) => wrong.push(format!("{}: {}", field("id"), found.row.id)),
            None if whole => wrong.push(format!("{}: not recognised", field("id"))),
            None => {}
        }
    }
    assert!(seen >= 55, "{seen} rows");
    assert!(wrong.is_empty(), "{wrong:#?}");
}
