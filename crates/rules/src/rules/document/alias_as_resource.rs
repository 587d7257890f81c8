//! A key is named by its key ARN in policies of IAM.

use crate::lint::view::{arn_of, listed};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::IdentityPolicy, DocumentKind::Scp],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a key is named by an alias or key id, which gives no operation on the key",
    reason_lists: &[&[
        Reason { name: "alias", meaning: "the resource is an alias" },
        Reason { name: "key-id", meaning: "the resource is a bare key id" },
    ]],
    facts: &["policy-language-key-arn-only"],
    page: include_str!("alias_as_resource.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.statements() {
        let on_key = view.spelled_actions(statement).find(|(_, actions)| {
            actions
                .iter()
                .all(|one| one.action.service() == "kms" && !one.takes("alias") && one.takes("key"))
        });
        let Some((action, _)) = on_key else { continue };
        for term in listed(statement.resource.as_ref()) {
            let Some(text) = term.text.known() else { continue };
            let alias = arn_of(term)
                .is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("alias/"))
                || text.starts_with("alias/");
            let id = text.len() == 36 && text.matches('-').count() == 4;
            let reason = match (alias, id) {
                (true, _) => "alias",
                (_, true) => "key-id",
                _ => continue,
            };
            let message = format!("`{}` on `{text}` is about no key", action.text);
            let outcome = Outcome::broken(reason, message);
            found.push(outcome.label(view.label(term.span, "no key ARN")).help(
                "name the key ARN; to allow by alias, allow `*` and add a condition on \
                 `kms:ResourceAliases` or `kms:RequestAlias`",
            ));
        }
    }
    found
}
