//! A key that copies rest on can be shared.

use crate::lint::view::{is_everybody, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "this is the policy of an AWS managed key, which no policy can share with another account",
    reason_lists: &[&[
        Reason { name: "aws-managed", meaning: "the policy is that of an AWS managed key" },
    ]],
    facts: &["organization-key-aws-managed"],
    page: include_str!("aws_managed_key_policy.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let id = view
        .document
        .root
        .member("Id")
        .filter(|id| id.as_str().is_some_and(|id| id.starts_with("auto-")));
    let own = view.allows().find(|statement| {
        let asks = |key: &str| statement.conditions.iter().any(|one| one.folded_key() == key);
        asks("kms:calleraccount")
            && asks("kms:viaservice")
            && principals(statement).any(is_everybody)
    });
    let (Some(id), Some(_)) = (id, own) else { return Vec::new() };
    let message =
        "an AWS managed key cannot be shared, so nothing under it can be copied to another account";
    let outcome = Outcome::broken("aws-managed", message);
    vec![outcome.label(view.label(id.span, "how AWS names its own key policies")).help(
        "back up resources under a customer managed key; the type of a resource that is fully managed \
         is encrypted by its vault's key instead",
    )]
}
