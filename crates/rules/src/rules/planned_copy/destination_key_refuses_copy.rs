//! The key of the destination vault lets the copy be encrypted with it.

use crate::arn::KeyArn;
use crate::facts::{CopySupport, StepResource};
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::key_use::{self, KeyUse, KeyUser};
use crate::parts::subject::{
    KeyManager, VaultKey, is_air_gapped, key_manager, key_of_vault, management, missing_document,
    rest, stays_unencrypted,
};
use crate::parts::vault_key::{self, VaultKeyUse};
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

const OWN_REASONS: [Reason; 8] = [
    Reason {
        name: "deny-may-reach",
        meaning: "a Deny reaches, or may reach, a principal that AWS Backup may use; which one it uses is not documented",
    },
    Reason {
        name: "own-account-left-out",
        meaning: "the key policy does not let the vault's own account use the key, and whom AWS Backup needs there is not documented",
    },
    reasons::ROLE_NOT_KNOWN,
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

crate::rule::copy_rule! {
    gate: Gate::DestinationKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the key of the destination vault keeps the copy out",
    reason_lists: &[&key_use::REASONS, &OWN_REASONS],
    facts: &[
        DEFAULT,
        ACROSS,
        WITHIN,
        vault_key::BREAKS,
        "encryption-key-policy-deny-or-revoked-grant",
        "encryption-vault-key-of-other-account",
        "managed-policies-service-linked-role",
        "steps-destination-key-default-policy",
        "steps-describe-key-twice",
        "steps-via-service-region",
        "steps-backup-storage",
    ],
    page: include_str!("destination_key_refuses_copy.md"),
}

const DEFAULT: &str = "encryption-key-policy-destination";
const ACROSS: &str = "encryption-actor-copy-cross-account";
const WITHIN: &str = "encryption-actor-copy-same-account";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(outcome) => return outcome,
    };
    if stays_unencrypted(view) {
        return Outcome::not_applicable("the copy stays unencrypted, so it uses no key");
    }
    let name = &view.copy.destination.name;
    let VaultKey { vault, key, .. } =
        match key_of_vault(view, &Slot::destination_vault(&view.copy), name) {
            Ok(found) => found,
            Err(outcome) => return outcome,
        };
    if is_air_gapped(view, &vault) {
        return Outcome::not_applicable(
            "the keys of logically air-gapped vaults are judged by air-gapped-vault-unsupported",
        );
    }
    let described = match view.read(&Slot::key("destination-key", &key)) {
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
            return Outcome::not_applicable(
                "nobody can change who may use an AWS managed key: see destination-key-aws-managed",
            );
        }
        None => {
            return Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the answer does not say who manages the key",
            )
            .label(described.label(described.root().span, "expected `KeyMetadata.KeyManager`"));
        }
    }
    let outcome = if support.fully_managed.value {
        fully_managed(view, support, &key)
    } else if view.copy.is_cross_account() {
        rest(view, by_role(view, support, &key, KeyUser::service_linked_role(view)), ACROSS)
    } else {
        rest(
            view,
            by_role(view, support, &key, KeyUser::copy_role(view, "the destination key")),
            WITHIN,
        )
    };
    if key.account == view.copy.destination.account || outcome.kind == OutcomeKind::NotApplicable {
        outcome
    } else {
        outcome.cites("encryption-vault-key-of-other-account")
    }
}

fn fully_managed<'a>(view: &View<'a>, support: &'a CopySupport, key: &KeyArn) -> Outcome {
    let subject = VaultKeyUse {
        view,
        support,
        part: "destination-key",
        resource: "destination-key",
        key,
        vault: &view.copy.destination.name,
        owner: Who::destination_service_linked_role(view),
    };
    let (filled, policy) = match subject.policy() {
        Ok(found) => found,
        Err(undecided) => return undecided,
    };
    if let Some(outcome) = subject.obstacle(&filled, policy) {
        return outcome;
    }
    let holds = Outcome::holds(format!(
        "nothing in the policy of key `{}` stands in the way of AWS Backup",
        key.id
    ));
    rest(view, holds, DEFAULT).cites(vault_key::BREAKS)
}

/// What a role does with the key itself.
fn by_role<'a>(
    view: &View<'a>,
    support: &'a CopySupport,
    key: &KeyArn,
    user: Result<KeyUser<'a>, Outcome>,
) -> Outcome {
    let user = match user {
        Ok(user) => user,
        Err(undecided) => return undecided,
    };
    KeyUse {
        view,
        support,
        part: "destination-key",
        key,
        user: &user,
        resource: StepResource::DestinationKey,
        aws_says: says::KEY_REFUSED,
    }
    .judge()
}
