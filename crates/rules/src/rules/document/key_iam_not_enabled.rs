//! Policies of IAM count for a key.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::principal::account_of;

use crate::lint::view::{is_everybody, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "no statement lets the account's own policies count, so roles are let in by the key policy alone",
    reason_lists: &[&[
        Reason { name: "no-account", meaning: "no statement names an account" },
        Reason { name: "only-other-accounts", meaning: "only other accounts are named" },
    ]],
    facts: &["organization-key-root-statement", "organization-key-policy-primary"],
    page: include_str!("key_iam_not_enabled.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    if !view.is_whole() {
        return Vec::new();
    }
    let mut foreign = None;
    for term in view.allows().flat_map(principals) {
        let Some(text) = term.term.text.known() else { return Vec::new() };
        if is_everybody(term) {
            return Vec::new();
        }
        if account_of(text).is_some() {
            match view.is_foreign(term) {
                Truth::True => foreign = Some(term.term.span),
                _ => return Vec::new(),
            }
        }
    }
    let help = "add a statement for `arn:aws:iam::ACCOUNT:root`; without it a copy role needs to be named \
                here, whatever its own policies say";
    let outcome = match foreign {
        Some(span) => Outcome::broken(
            "only-other-accounts",
            "policies of IAM in the key's own account have no effect on this key",
        )
        .label(view.label(span, "another account")),
        None => Outcome::broken("no-account", "policies of IAM have no effect on this key")
            .label(view.label(view.opening(), "no statement names an account")),
    };
    vec![outcome.help(help)]
}
