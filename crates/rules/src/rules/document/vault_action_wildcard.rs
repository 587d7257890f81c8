//! A vault access policy spells its actions out.

use copy_preflight_policy::iam::Effect;

use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a vault access policy has a wildcard in an action, which AWS Backup does not support",
    reason_lists: &[&[
        Reason { name: "wildcard", meaning: "an action holds a wildcard" },
    ]],
    facts: &["organization-vault-action-wildcard"],
    page: include_str!("vault_action_wildcard.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for statement in view.statements() {
        let Some(element) = &statement.action else { continue };
        for term in &element.terms {
            let Some(text) = term.text.known().filter(|text| text.contains(['*', '?'])) else {
                continue;
            };
            let message = format!("a vault access policy takes no wildcard in an action: `{text}`");
            let help = match statement.effect {
                Effect::Deny => {
                    "spell the actions out; whether AWS Backup refuses such a Deny or ignores it is \
                     not documented"
                }
                _ => {
                    "spell the actions out; a copy into the vault needs `backup:CopyIntoBackupVault`"
                }
            };
            let outcome = Outcome::broken("wildcard", message);
            found.push(outcome.label(view.label(term.span, "not supported")).help(help));
        }
    }
    found
}
