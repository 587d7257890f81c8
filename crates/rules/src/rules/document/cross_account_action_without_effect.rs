//! An action that is allowed to another account works across accounts.

use crate::lint::view::{account_in, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "an action is allowed to another account, where it never works",
    reason_lists: &[&[
        Reason { name: "same-account-only", meaning: "KMS does not take the action from another account" },
    ]],
    facts: &["kms-cross-account-operations"],
    page: include_str!("cross_account_action_without_effect.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let works = &view.facts.catalogue().kms_cross_account;
    let mut found = Vec::new();
    for statement in view.allows() {
        let foreign = principals(statement).find(|term| view.is_foreign(term).is_true());
        let all = principals(statement).all(|term| view.is_foreign(term).is_true());
        let Some(foreign) = foreign.filter(|_| all) else { continue };
        let account = account_in(foreign).unwrap_or_default();
        let never: Vec<_> = view
            .spelled_actions(statement)
            .filter(|(_, actions)| {
                actions.iter().all(|one| {
                    let name = one.name().to_ascii_lowercase();
                    // What takes no key is told by another rule.
                    !works.contains(name.as_str()) && one.takes("key")
                })
            })
            .map(|(term, _)| term)
            .collect();
        let Some((first, rest)) = never.split_first() else { continue };
        let message = match rest.len() {
            0 => format!("`{}` never works from another account", first.text),
            more => format!("`{}` and {more} more never work from another account", first.text),
        };
        let mut outcome = Outcome::broken("same-account-only", message);
        for term in &never {
            outcome = outcome.label(view.label(term.span, "only from the key's own account"));
        }
        let note = format!("account `{account}` does not own the key");
        found.push(outcome.label(view.label(foreign.term.span, note)).help(
            "leave these actions out; cryptographic operations, DescribeKey, GetPublicKey, \
             GetKeyRotationStatus and those on grants work across accounts",
        ));
    }
    found
}
