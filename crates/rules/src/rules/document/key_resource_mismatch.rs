//! The Resource of a key policy is the key.

use crate::arn::Arn;
use crate::lint::view::listed;
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a statement of a key policy is about another resource than the key",
    reason_lists: &[&[
        Reason { name: "not-a-key", meaning: "the resource is no key" },
        Reason { name: "other-key", meaning: "the resource is another key" },
        Reason { name: "other-account", meaning: "the resource is a key of another account" },
        Reason { name: "perhaps-other-key", meaning: "whether the resource is this key is not known" },
    ]],
    facts: &["policy-language-key-policy-resource", "policy-language-key-arn-only"],
    page: include_str!("key_resource_mismatch.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let keys: Vec<&str> = view
        .statements()
        .iter()
        .flat_map(|one| listed(one.resource.as_ref()))
        .filter_map(|term| term.text.known())
        .filter(|text| text.contains(":key/") && !text.contains(['*', '?']))
        .collect();
    let mut found = Vec::new();
    for statement in view.statements() {
        for term in listed(statement.resource.as_ref()) {
            let Some(text) = term.text.known() else { continue };
            let Some((reason, message)) = judge(view, text, &keys) else { continue };
            let help = "write `\"Resource\": \"*\"`: in a key policy it is this key and no other";
            let outcome = match reason {
                "perhaps-other-key" => Outcome::undecided(reason, message),
                _ => Outcome::broken(reason, message),
            };
            found.push(outcome.label(view.label(term.span, "not certainly this key")).help(help));
        }
    }
    found
}

fn judge(view: &DocumentView<'_>, text: &str, keys: &[&str]) -> Option<(&'static str, String)> {
    let arn = Arn::parse(text)?;
    if arn.partition.contains('*') || arn.service.contains('*') {
        return None;
    }
    if arn.service != "kms" || arn.resource.starts_with("alias/") {
        let message = format!("`{text}` is no key, so the statement does nothing");
        return Some(("not-a-key", message));
    }
    if !arn.resource.starts_with("key/") || text.contains(['*', '?']) {
        return None;
    }
    match (&view.document.owner.arn, &view.owner) {
        (Some(own), _) if own == text => None,
        (Some(_), _) => Some(("other-key", format!("`{text}` is another key than this one"))),
        (None, Some(owner)) if owner != arn.account => {
            Some(("other-account", format!("`{text}` is a key of another account than `{owner}`")))
        }
        _ if keys.iter().any(|other| *other != text) => {
            let message = "the policy names two keys, and it is the policy of one".to_owned();
            Some(("other-key", message))
        }
        _ => Some((
            "perhaps-other-key",
            format!("whether `{text}` is the key of this policy is not known"),
        )),
    }
}
