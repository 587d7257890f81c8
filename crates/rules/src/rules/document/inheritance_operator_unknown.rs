//! Every inheritance operator exists.

use copy_preflight_policy::tree::Node;

use crate::lint::{DocumentKind, DocumentView};
use crate::nearest::near;
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::BackupPolicy, DocumentKind::TagPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a key begins with `@@` and is no operator of Organizations",
    reason_lists: &[&[
        Reason { name: "no-such-operator", meaning: "there is no such operator" },
    ]],
    facts: &["policy-language-operators-management"],
    page: include_str!("inheritance_operator_unknown.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(row) = view.facts.row("policy-language-operators-management") else {
        return Vec::new();
    };
    let known: Vec<&str> = row.strings("operators").collect();
    let mut found = Vec::new();
    walk(view, &view.document.root, &known, &mut found);
    found
}

fn walk(view: &DocumentView<'_>, node: &Node, known: &[&str], found: &mut Vec<Outcome>) {
    for member in node.members() {
        if let Some(key) = member.key.known()
            && key.starts_with("@@")
            && !known.contains(&key)
        {
            let outcome =
                Outcome::broken("no-such-operator", format!("there is no operator `{key}`"));
            let outcome = outcome.label(view.label(member.key_span, "not an operator"));
            let meant = near(key, known.iter().copied());
            found.push(match meant.first() {
                Some(meant) => view.did_you_mean(outcome, member.key_span, meant),
                None => outcome.help(format!("the operators are {}", known.join(", "))),
            });
        }
        walk(view, &member.value, known, found);
    }
    node.elements().iter().for_each(|element| walk(view, element, known, found));
}
