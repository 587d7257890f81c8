//! No list is empty.

use copy_preflight_policy::tree::Value;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Suggestion,
    summary: "an empty list takes the statement its effect, or leaves its condition without one",
    reason_lists: &[&[
        Reason { name: "no-effect", meaning: "the statement has no effect" },
        Reason { name: "condition", meaning: "a condition has no values" },
        Reason { name: "no-condition", meaning: "the condition is empty, which is none" },
    ]],
    facts: &["policy-language-empty-lists"],
    page: include_str!("empty_list.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.statements() {
        let mut told = |reason, what: &str, span| {
            let message = match reason {
                "condition" => {
                    "a condition without values: what it does depends on its operator".to_owned()
                }
                _ => format!("`{what}` is empty, so the statement has no effect"),
            };
            let outcome = Outcome::broken(reason, message);
            found.push(
                outcome
                    .label(view.label(span, "nothing listed"))
                    .help("list what is meant, or remove the statement"),
            );
        };
        let principal = statement.principal.as_ref().filter(|one| one.terms.is_empty());
        if let Some(principal) = principal {
            told("no-effect", "Principal", principal.key_span);
        }
        for (name, element) in [("Action", &statement.action), ("Resource", &statement.resource)] {
            if let Some(element) = element.as_ref().filter(|one| one.terms.is_empty()) {
                told("no-effect", name, element.key_span);
            }
        }
        for condition in statement.conditions.iter().filter(|one| one.values.is_empty()) {
            told("condition", "", condition.span);
        }
    }
    found.extend(empty_conditions(view));
    found
}

/// `"Condition": {}` is no condition; it shows only in the tree.
fn empty_conditions(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(statements) = view.document.root.member("Statement") else { return Vec::new() };
    let list = match &statements.value {
        Value::Array(elements) => elements.as_slice(),
        _ => std::slice::from_ref(statements),
    };
    let conditions = list.iter().filter_map(|statement| statement.member("Condition"));
    conditions
        .filter(|node| matches!(&node.value, Value::Object(members) if members.is_empty()))
        .map(|node| {
            let message = "an empty condition is none: the statement holds always";
            let outcome = Outcome::broken("no-condition", message);
            outcome
                .label(view.label(node.span, "bounds nothing"))
                .help("write the condition, or remove it")
        })
        .collect()
}
