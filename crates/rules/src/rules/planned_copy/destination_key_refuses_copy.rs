//! The key of the destination vault lets the copy be encrypted with it.

use super::key_use::{self, KeyUse};
use super::subject::{KeyManager, VaultKey, flag, is_air_gapped, key_manager, key_of_vault, management, missing_document, rest, stays_unencrypted};
use super::vault_key::{self, VaultKeyUse};
use crate::arn::KeyArn;
use crate::facts::{CopySupport, StepPrincipal, StepResource};
use crate::identity::RolePolicies;
use crate::outcome::{Outcome, OutcomeKind};
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
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
    Reason { name: "role-not-known", meaning: "nobody named the copy role" },
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

crate::rule::rule! {
    aliases: &[],
    gate: Gate::DestinationKey,
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
    check: check,
}

const DEFAULT: &str = "encryption-key-policy-destination";
const ACROSS: &str = "encryption-actor-copy-cross-account";
const WITHIN: &str = "encryption-actor-copy-same-account";
const AWS_SAYS: &str = "KMS key is either disabled or pending deletion or access to KMS key is denied";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(outcome) => return outcome,
    };
    if stays_unencrypted(view) {
        return Outcome::not_applicable("the copy stays unencrypted, so it uses no key");
    }
    let name = &view.copy.destination.name;
    let VaultKey { vault, key, .. } = match key_of_vault(view, &Slot::destination_vault(view.copy), name) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    if is_air_gapped(view, &vault) {
        return Outcome::not_applicable("the keys of logically air-gapped vaults are judged by air-gapped-vault-unsupported");
    }
    let described = match view.read(&Slot::key("destination-key", &key)) {
        Ok(filled) => filled,
        Err(gap) => {
            return missing_document(
                format!("what kind of key vault `{name}` is under cannot be told: it {}", gap.words()),
                vec![gap.missing()],
            );
        }
    };
    match key_manager(&described) {
        Some(KeyManager::Customer) => {}
        Some(KeyManager::Aws) => {
            return Outcome::not_applicable("nobody can change who may use an AWS managed key: see destination-key-aws-managed");
        }
        None => {
            return Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, "the answer does not say who manages the key")
                .label(described.label(described.root().span, "expected `KeyMetadata.KeyManager`"));
        }
    }
    let outcome = if support.fully_managed.value {
        fully_managed(view, support, &key)
    } else if view.copy.is_cross_account() {
        by_service_linked_role(view, support, &key)
    } else {
        by_copy_role(view, support, &key)
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
    let holds = Outcome::holds(format!("nothing in the policy of key `{}` stands in the way of AWS Backup", key.id));
    rest(view, holds, DEFAULT).cites(vault_key::BREAKS)
}

fn by_service_linked_role<'a>(view: &View<'a>, support: &'a CopySupport, key: &KeyArn) -> Outcome {
    let who = Who::destination_service_linked_role(view);
    let identity = who.role.as_ref().and_then(|role| RolePolicies::service_linked(view, role));
    let Some(identity) = identity else {
        return Outcome::undecided(reasons::ANSWER_INCOMPLETE.name, "the policy of the service-linked role is not known");
    };
    let outcome = KeyUse {
        view,
        support,
        part: "destination-key".to_owned(),
        key,
        who,
        caller: "the destination account's service-linked role",
        identity: &identity,
        principal: StepPrincipal::DestinationServiceLinkedRole,
        resource: StepResource::DestinationKey,
        aws_says: AWS_SAYS,
    }
    .judge();
    rest(view, outcome, ACROSS)
}

fn by_copy_role<'a>(view: &View<'a>, support: &'a CopySupport, key: &KeyArn) -> Outcome {
    let Some(role) = &view.copy.role else {
        return Outcome::undecided("role-not-known", "whether the copy role may use the destination key cannot be told without its name")
            .missing(flag("--role"))
            .help("name the role that AWS Backup assumes: `--role ARN`");
    };
    let identity = match RolePolicies::of_role(view, "copy-role", role) {
        Ok(identity) => identity,
        Err(missing) => {
            return missing_document(format!("the policies of role `{}` were not all read", role.name), missing);
        }
    };
    let outcome = KeyUse {
        view,
        support,
        part: "destination-key".to_owned(),
        key,
        who: Who::copy_role(view),
        caller: "the copy role",
        identity: &identity,
        principal: StepPrincipal::CopyRole,
        resource: StepResource::DestinationKey,
        aws_says: AWS_SAYS,
    }
    .judge();
    rest(view, outcome, WITHIN)
}
