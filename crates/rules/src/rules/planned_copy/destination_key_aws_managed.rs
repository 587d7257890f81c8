//! The key of the destination vault is one that the copy can be encrypted with.

use crate::facts::CopySupport;
use crate::outcome::{Label, Outcome};
use crate::parts::subject::{
    KeyManager, is_aws_owned, key_manager, management, manager_node, missing_document, rest,
    vault_key,
};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::DestinationKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the destination vault is under an AWS managed key, which this copy cannot use",
    reason_lists: &[&[
        Reason { name: "aws-managed-key", meaning: "the vault is under `aws/backup` or the managed key of a service" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[
        ACROSS,
        "encryption-destination-aws-backup-cross-account-fully-managed",
        "encryption-destination-aws-backup-same-account",
        "encryption-destination-aws-backup-same-account-fully-managed",
        "encryption-vault-key-change",
    ],
    page: include_str!("destination_key_aws_managed.md"),
}

const ACROSS: &str = "encryption-destination-aws-backup-cross-account";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    let vault_slot = Slot::destination_vault(&view.copy);
    let vault = match view.read(&vault_slot) {
        Ok(vault) => vault,
        Err(gap) => {
            return missing_document(
                format!(
                    "the key of vault `{}` cannot be told: the vault {}",
                    view.copy.destination.name,
                    gap.words()
                ),
                vec![gap.missing()],
            )
            .cites(ACROSS);
        }
    };
    if is_aws_owned(&vault) {
        return Outcome::holds("the vault is under an AWS owned key")
            .cites("prerequisites-air-gapped-key");
    }
    let (node, key) = match vault_key(&vault) {
        Some((node, Some(key))) => (node, key),
        Some((node, None)) => {
            return Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the key of the vault is no key ARN",
            )
            .label(vault.label(node.span, "expected the ARN of a KMS key"));
        }
        None => {
            return Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the answer does not name the vault's key",
            )
            .label(vault.label(vault.root().span, "expected `EncryptionKeyArn`"));
        }
    };
    // Where the sources do not agree on who manages the type, only the kind of the key decides.
    let contested = support.fully_managed.certainty.supports().is_none();
    if support.fully_managed.value && !contested {
        let fact = if view.copy.is_cross_account() {
            "encryption-destination-aws-backup-cross-account-fully-managed"
        } else {
            "encryption-destination-aws-backup-same-account-fully-managed"
        };
        return rest(
            view,
            Outcome::holds("copies of this type can use any key of the vault"),
            fact,
        );
    }
    let key_slot = Slot::key("destination-key", &key);
    let filled = match view.read(&key_slot) {
        Ok(filled) => filled,
        Err(gap) => {
            return missing_document(
                format!(
                    "who manages the key of vault `{}` cannot be told: it {}",
                    view.copy.destination.name,
                    gap.words()
                ),
                vec![gap.missing()],
            )
            .cites(ACROSS);
        }
    };
    match key_manager(&filled) {
        Some(KeyManager::Customer) => {
            Outcome::holds("the destination vault is under a customer managed key").cites(ACROSS)
        }
        Some(KeyManager::Aws) => {
            let place = manager_node(&filled).map_or(filled.root().span, |node| node.span);
            let labels = [
                vault.label(node.span, "the vault is under this key"),
                filled.label(place, "it is an AWS managed key"),
            ];
            if contested {
                management_contested(view, support, labels)
            } else {
                aws_managed(view, labels)
            }
        }
        None => Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not say who manages the key",
        )
        .label(filled.label(filled.root().span, "expected `KeyMetadata.KeyManager`")),
    }
}

fn aws_managed(view: &View<'_>, labels: [Label; 2]) -> Outcome {
    let name = &view.copy.destination.name;
    let mut outcome = if view.copy.is_cross_account() {
        let broken = Outcome::broken(
            "aws-managed-key",
            format!("vault `{name}` is under an AWS managed key, which this type cannot be copied to"),
        )
        .help(
            "make a vault under a customer managed key and copy there; the key of a vault never changes once it \
             is made",
        )
        .aws_says(says::VAULT_UNDER_DEFAULT_KEY);
        rest(view, broken, ACROSS)
    } else {
        Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            format!("vault `{name}` is under an AWS managed key; AWS's pages contradict each other on such copies"),
        )
        .help("a vault under a customer managed key settles it")
        .cites("encryption-destination-aws-backup-same-account")
    };
    outcome.labels.extend(labels);
    outcome.cites("encryption-vault-key-change")
}

fn management_contested(view: &View<'_>, support: &CopySupport, labels: [Label; 2]) -> Outcome {
    let mut outcome = Outcome::undecided(
        reasons::SOURCES_CONTRADICT.name,
        format!(
            "vault `{}` is under an AWS managed key; AWS's pages do not agree on whether it fully manages {}, \
             which decides whether the copy can use it",
            view.copy.destination.name, support.label
        ),
    )
    .help("a vault under a customer managed key settles it")
    .cites(&support.fact);
    outcome.labels.extend(labels);
    outcome.cites("encryption-vault-key-change")
}
