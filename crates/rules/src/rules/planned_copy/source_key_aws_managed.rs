//! The key of the source is one that can be shared.

use crate::outcome::Outcome;
use crate::parts::subject::{
    KeyManager, key_manager, management, manager_node, missing_document, rest, source_key_part,
    source_keys,
};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::SourceKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the source is encrypted with an AWS managed key, which no policy can share",
    reason_lists: &[&[
        Reason { name: "aws-managed-key", meaning: "the key is an AWS managed key such as `aws/ebs`" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::KEY_NOT_KNOWN,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, "encryption-source-customer-managed-not-fully-managed"],
    page: include_str!("source_key_aws_managed.md"),
}

const FACT: &str = "encryption-source-aws-managed-cross-account";

fn check(view: &View<'_>) -> Outcome {
    if !view.copy.is_cross_account() {
        return Outcome::not_applicable(
            "within one account an AWS managed key does not stop a copy",
        );
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
        return Outcome::holds("the source is not encrypted");
    }
    let keys = match source_keys(view) {
        Ok(keys) => keys,
        Err(undecided) => return undecided.cites(FACT),
    };
    let mut missing = Vec::new();
    let mut unclear = None;
    for (index, key) in keys.iter().enumerate() {
        let slot = Slot::key(&source_key_part(index), key);
        match view.read(&slot) {
            Ok(filled) => match key_manager(&filled) {
                Some(KeyManager::Customer) => {}
                Some(KeyManager::Aws) => {
                    let span = manager_node(&filled).map_or(filled.root().span, |node| node.span);
                    let broken = Outcome::broken(
                        "aws-managed-key",
                        format!("source key `{}` is an AWS managed key, which no policy can share", key.id),
                    )
                    .label(filled.label(span, "an AWS managed key has a policy that nobody can change"))
                    .help(
                        "back up a copy of the resource that is encrypted with a customer managed key, or copy \
                         within the account into a vault under a customer managed key first",
                    )
                    .aws_says(says::DEFAULT_KEY_NOT_SHARED);
                    return rest(view, broken, FACT);
                }
                None => {
                    unclear =
                        Some(filled.label(filled.root().span, "expected `KeyMetadata.KeyManager`"));
                }
            },
            Err(gap) => missing.push(gap.missing()),
        }
    }
    if !missing.is_empty() {
        return missing_document(
            "who manages the source key cannot be told: it was not described",
            missing,
        )
        .cites(FACT);
    }
    if let Some(label) = unclear {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            "the answer does not say who manages the key",
        )
        .label(label);
    }
    let holds = Outcome::holds("the source is encrypted with a customer managed key");
    rest(view, holds, "encryption-source-customer-managed-not-fully-managed")
}
