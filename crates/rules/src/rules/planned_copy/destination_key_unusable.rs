//! The key of the destination vault can be used.

use crate::outcome::Outcome;
use crate::parts::key_state;
use crate::parts::subject::{VaultKey, key_of_vault, rest, stays_unencrypted};
use crate::rule::{Gate, Level};
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::DestinationKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the key of the destination vault cannot be used",
    reason_lists: &[&key_state::REASONS],
    facts: &[
        key_state::UNUSABLE,
        key_state::STATES,
        key_state::KIND,
        key_state::REGION,
        "encryption-vault-key-of-other-account",
        "encryption-vault-key-change",
    ],
    page: include_str!("destination_key_unusable.md"),
}

fn check(view: &View<'_>) -> Outcome {
    if stays_unencrypted(view) {
        return Outcome::not_applicable("the copy stays unencrypted, so it uses no key");
    }
    let name = &view.copy.destination.name;
    let VaultKey { vault, key, node } =
        match key_of_vault(view, &Slot::destination_vault(&view.copy), name) {
            Ok(found) => found,
            Err(outcome) => return outcome,
        };
    if key.region != view.copy.destination.region {
        let broken = Outcome::broken(
            "wrong-region",
            format!(
                "the key of vault `{name}` stands in {}, the vault in {}",
                key.region, view.copy.destination.region
            ),
        )
        .label(vault.label(node.span, "a key cannot be used in another Region"))
        .help("make a vault under a key of its own Region; the key of a vault never changes");
        return rest(view, broken, key_state::REGION).cites("encryption-vault-key-change");
    }
    let outcome = key_state::judge(view, "destination-key", &key);
    if key.account == view.copy.destination.account {
        outcome
    } else {
        outcome.cites("encryption-vault-key-of-other-account")
    }
}
