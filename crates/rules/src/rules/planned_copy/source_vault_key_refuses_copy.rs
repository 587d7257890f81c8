//! The key of the source vault, for types that AWS Backup fully manages.

use crate::facts::Certainty;
use crate::outcome::{Label, Outcome};
use crate::parts::subject::{
    KeyManager, VaultKey, key_manager, key_of_vault, management, missing_document, rest,
};
use crate::parts::vault_key::{self, VaultKeyUse};
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Slot, View};

const OWN_REASONS: [Reason; 8] = [
    Reason {
        name: "share-needed",
        meaning: "the user states that the key has to be shared with the destination account",
    },
    reasons::SOURCES_CONTRADICT,
    reasons::AMBIGUOUS,
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

crate::rule::copy_rule! {
    gate: Gate::SourceKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the key of the source vault keeps AWS Backup out",
    reason_lists: &[&vault_key::REASONS, &OWN_REASONS],
    facts: &[
        SHARE,
        ACTOR,
        DEFAULT,
        AWS_MANAGED,
        vault_key::BREAKS,
        "encryption-key-policy-deny-or-revoked-grant",
        "steps-backup-storage",
    ],
    page: include_str!("source_vault_key_refuses_copy.md"),
}

const SHARE: &str = "encryption-key-policy-source-vault";
const ACTOR: &str = "encryption-actor-source-vault-key-cross-account";
const DEFAULT: &str = "encryption-key-policy-default";
const AWS_MANAGED: &str = "encryption-source-vault-aws-backup-fully-managed";
const ANSWER: &str = "source-vault-key-share";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(outcome) => return outcome,
    };
    if !support.fully_managed.value {
        return Outcome::not_applicable("the key of the source vault plays no part for this type");
    }
    let name = &view.copy.source.name;
    let VaultKey { key, .. } = match key_of_vault(view, &Slot::source_vault(&view.copy), name) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let described = match view.read(&Slot::key("source-vault-key", &key)) {
        Ok(filled) => filled,
        Err(gap) => {
            return missing_document(
                format!(
                    "what kind of key vault `{name}` is under cannot be told: it {}",
                    gap.words()
                ),
                vec![gap.missing()],
            );
        }
    };
    match key_manager(&described) {
        Some(KeyManager::Customer) => {}
        Some(KeyManager::Aws) => {
            let holds = Outcome::holds(format!(
                "vault `{name}` is under an AWS managed key, which does not stop this type"
            ));
            return rest(view, holds, AWS_MANAGED);
        }
        None => {
            return Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the answer does not say who manages the key",
            )
            .label(described.label(described.root().span, "expected `KeyMetadata.KeyManager`"));
        }
    }
    let subject = VaultKeyUse {
        view,
        support,
        part: "source-vault-key",
        resource: "source-vault-key",
        key: &key,
        vault: name,
        owner: Who::copy_role(view),
    };
    let (filled, policy) = match subject.policy() {
        Ok(found) => found,
        Err(undecided) => return undecided,
    };
    if let Some(outcome) = subject.obstacle(&filled, policy) {
        return outcome;
    }
    let holds = || {
        let holds = Outcome::holds(format!(
            "nothing in the policy of key `{}` stands in the way of AWS Backup",
            key.id
        ));
        rest(view, holds, DEFAULT).cites(vault_key::BREAKS)
    };
    let destination = Who::destination_service_linked_role(view);
    if !view.copy.is_cross_account() || subject.allows(policy, &destination) {
        return holds();
    }
    unshared(view, subject.near(&filled, policy, &destination, "the destination account"), holds())
}

/// The key is usable in its own account and not shared with the destination, of which AWS says
/// nothing and which public projects do in both ways.
fn unshared(view: &View<'_>, label: Label, mut holds: Outcome) -> Outcome {
    let account = &view.copy.destination.account;
    match view.stated(ANSWER) {
        Some("not-needed") => {
            holds.certainty = Certainty::Stated;
            return holds.label(label).answered_by(ANSWER);
        }
        Some("needed") => {
            let mut broken = Outcome::broken(
                "share-needed",
                format!(
                    "the key of vault `{}` is not shared with account {account}",
                    view.copy.source.name
                ),
            )
            .label(label)
            .help(share(view))
            .answered_by(ANSWER);
            broken.certainty = Certainty::Stated;
            return broken;
        }
        _ => {}
    }
    Outcome::undecided(
        reasons::SOURCES_CONTRADICT.name,
        format!(
            "the key of vault `{}` is not shared with account {account}; AWS does not say whether the copy needs it, and \
             practice differs",
            view.copy.source.name
        ),
    )
    .label(label)
    .help(format!(
        "{}; where such copies are known to work without it, say `--answer {ANSWER}=not-needed`",
        share(view)
    ))
    .answered_by(ANSWER)
    .cites(SHARE)
    .cites(ACTOR)
    .cites(vault_key::BREAKS)
}

fn share(view: &View<'_>) -> String {
    format!(
        "to be safe allow `kms:DescribeKey`, `kms:Decrypt` and `kms:CreateGrant` to `arn:{}:iam::{}:root`",
        view.copy.destination.partition, view.copy.destination.account
    )
}
