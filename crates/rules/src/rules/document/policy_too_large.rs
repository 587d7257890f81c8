//! A policy fits its quota.

use copy_preflight_policy::text::{PieceRef, Text};
use copy_preflight_policy::tree::{Member, Node, Value};

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::IdentityPolicy, DocumentKind::Scp, DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the policy is larger than its quota",
    reason_lists: &[&[
        Reason { name: "too-long", meaning: "the policy has more characters than AWS saves" },
    ]],
    facts: &["policy-language-key-policy-size", "policy-language-role-policy-size", "policy-language-scp-size", "policy-language-rcp-size"],
    page: include_str!("policy_too_large.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let fact = match view.kind() {
        DocumentKind::KeyPolicy => "policy-language-key-policy-size",
        DocumentKind::Scp => "policy-language-scp-size",
        DocumentKind::Rcp => "policy-language-rcp-size",
        _ => "policy-language-role-policy-size",
    };
    let Some(row) = view.facts.row(fact) else { return Vec::new() };
    let Some(most) = row.number("characters").and_then(|most| usize::try_from(most).ok()) else {
        return Vec::new();
    };
    let length = shortest(&view.document.root);
    if length <= most {
        return Vec::new();
    }
    let message = format!(
        "the policy has {length} characters without white space; {} has at most {most}",
        view.kind().phrase()
    );
    let outcome =
        Outcome::broken("too-long", message).label(view.label(view.opening(), "the whole policy"));
    vec![
        outcome
            .help("join statements that differ in one value, use wildcards, or split the policy")
            .rests_on(fact, row.certainty),
    ]
}

/// The characters of the shortest text of a value. A gap counts for none, so that a policy that
/// is too long by this certainly is.
fn shortest(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Unknown => 0,
        Value::Bool(value) => {
            if *value {
                4
            } else {
                5
            }
        }
        Value::Number(digits) => digits.len(),
        Value::String(text) => 2 + characters(text),
        Value::Array(elements) => {
            2 + elements.len().saturating_sub(1) + elements.iter().map(shortest).sum::<usize>()
        }
        Value::Object(members) => {
            let of = |member: &Member| 3 + characters(&member.key) + shortest(&member.value);
            2 + members.len().saturating_sub(1) + members.iter().map(of).sum::<usize>()
        }
    }
}

fn characters(text: &Text) -> usize {
    let known = text.pieces().filter_map(|piece| match piece {
        PieceRef::Known(text) => Some(text.chars().count()),
        PieceRef::Gap => None,
    });
    known.sum()
}
