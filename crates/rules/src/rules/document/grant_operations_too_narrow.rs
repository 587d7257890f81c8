//! A bound on grants leaves what services need.

use copy_preflight_policy::iam::condition::SetOperator;

use crate::lint::sharing::sharing;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a condition on `kms:GrantOperations` leaves out operations that a copy of an RDS type needs",
    reason_lists: &[&[
        Reason { name: "operation-left-out", meaning: "an operation that RDS lists is not among the values" },
    ]],
    facts: &["organization-key-grant-operations"],
    page: include_str!("grant_operations_too_narrow.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(row) = view.facts.row("organization-key-grant-operations") else { return Vec::new() };
    let needed: Vec<&str> = row.strings("operations").collect();
    let shared: Vec<usize> = sharing(view).map(|one| one.statement.index).collect();
    let mut found = Vec::new();
    for statement in view.allows().filter(|one| shared.contains(&one.index)) {
        for condition in
            statement.conditions.iter().filter(|one| one.folded_key() == "kms:grantoperations")
        {
            let every = condition.operator.set == Some(SetOperator::ForAllValues)
                && !condition.operator.negated;
            let known: Option<Vec<&str>> =
                condition.values.iter().map(|value| value.text.known()).collect();
            let Some(known) = known.filter(|_| every) else { continue };
            let missing: Vec<&str> = needed
                .iter()
                .copied()
                .filter(|wanted| !known.iter().any(|given| covers(given, wanted)))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let message =
                format!("grants may not give {}, which copies of RDS types need", list(&missing));
            let outcome = Outcome::broken("operation-left-out", message);
            let outcome = outcome.label(view.label(condition.span, "leaves them out"));
            found.push(outcome.help(format!(
                "add {}, or leave the condition out; what other types need is not published",
                list(&missing)
            )));
        }
    }
    found
}

/// `ReEncrypt*` stands for both operations.
fn covers(given: &str, wanted: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(begin) => given.starts_with(begin),
        None => given == wanted,
    }
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
