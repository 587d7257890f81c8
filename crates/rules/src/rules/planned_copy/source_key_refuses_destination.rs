//! The source key lets the destination account's service-linked role use it.

use crate::facts::{CopySupport, StepResource};
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::key_use::{self, KeyUse, KeyUser};
use crate::parts::subject::{
    KeyManager, key_manager, management, rest, source_key_part, source_keys, worst,
};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

const OWN_REASONS: [Reason; 6] = [
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::KEY_NOT_KNOWN,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

crate::rule::copy_rule! {
    gate: Gate::SourceKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the source key keeps the destination account's service-linked role out",
    reason_lists: &[&key_use::REASONS, &OWN_REASONS],
    facts: &[
        ACTOR,
        "managed-policies-service-linked-role",
        "steps-describe-key-twice",
        "steps-via-service-region",
        "encryption-slr-source-key-minimum-ec2",
        "encryption-slr-source-key-minimum-rds",
    ],
    page: include_str!("source_key_refuses_destination.md"),
}

const ACTOR: &str = "encryption-actor-copy-cross-account";

fn check(view: &View<'_>) -> Outcome {
    if !view.copy.is_cross_account() {
        return Outcome::not_applicable("within one account the copy role uses the key");
    }
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    if support.fully_managed.value {
        return Outcome::not_applicable(
            "backups of this type are encrypted with the key of the vault",
        );
    }
    if view.copy.is_unencrypted() {
        return Outcome::not_applicable("the source is not encrypted");
    }
    let keys = match source_keys(view) {
        Ok(keys) => keys,
        Err(undecided) => return undecided,
    };
    let user = match KeyUser::service_linked_role(view) {
        Ok(user) => user,
        Err(undecided) => return undecided,
    };
    let outcomes = keys.iter().enumerate().map(|(index, key)| {
        let part = source_key_part(index);
        if is_aws_managed(view, &part, key) {
            return Outcome::not_applicable(
                "an AWS managed key cannot be shared: see source-key-aws-managed",
            );
        }
        KeyUse {
            view,
            support,
            part: &part,
            key,
            user: &user,
            resource: StepResource::SourceKey,
            aws_says: says(support),
        }
        .judge()
    });
    match worst(outcomes) {
        Some(outcome) if outcome.kind == OutcomeKind::NotApplicable => outcome,
        Some(outcome) => rest(view, outcome, ACTOR),
        None => Outcome::not_applicable("the source is not encrypted"),
    }
}

/// What the service says when the key is out of reach.
fn says(support: &CopySupport) -> &'static str {
    match support.via_service.value.as_str() {
        "ec2" => says::KEY_NOT_ACCESSIBLE,
        _ => says::KEY_REFUSED,
    }
}

fn is_aws_managed(view: &View<'_>, part: &str, key: &crate::arn::KeyArn) -> bool {
    let slot = Slot::key(part, key);
    view.read(&slot).is_ok_and(|filled| key_manager(&filled) == Some(KeyManager::Aws))
}
