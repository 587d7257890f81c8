//! Copies can leave a vault.

use crate::lint::view::{is_everybody, listed, may_do, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::VaultPolicy],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "nothing can be copied out of the vault, because its policy denies it to everybody",
    reason_lists: &[&[
        Reason { name: "denied-to-everybody", meaning: "a Deny without condition covers copying out" },
    ]],
    facts: &["organization-source-vault-policy"],
    page: include_str!("vault_denies_copy_out.md"),
}

const COPY_OUT: &str = "backup:CopyFromBackupVault";

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let denies = view.denies().filter(|deny| {
        deny.conditions.is_empty()
            && deny.doubt.is_none()
            && may_do(deny, COPY_OUT).is_true()
            && principals(deny).any(is_everybody)
            && listed(deny.resource.as_ref()).iter().any(|one| one.text.known() == Some("*"))
    });
    denies
        .map(|deny| {
            let message = "no recovery point can be copied out of this vault";
            Outcome::broken("denied-to-everybody", message)
                .label(view.label(deny.effect_span, "denied to everybody, the copy role included"))
                .help(
                    "if copies are to leave it, bound the Deny by `backup:CopyTargets` or spare the copy role; \
                     if not, lower this rule for the vault",
                )
        })
        .collect()
}
