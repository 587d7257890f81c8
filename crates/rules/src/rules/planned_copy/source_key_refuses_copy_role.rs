//! Within one account the copy role itself uses the source key.

use super::key_use::{self, KeyUse};
use super::subject::{flag, management, missing_document, rest, source_key_part, source_keys, worst};
use crate::copy::SourceKeys;
use crate::facts::{StepPrincipal, StepResource};
use crate::identity::RolePolicies;
use crate::outcome::{Outcome, OutcomeKind};
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
use crate::view::View;

const OWN_REASONS: [Reason; 7] = [
    Reason { name: "role-not-known", meaning: "nobody named the copy role" },
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
    reasons::KEY_NOT_KNOWN,
    reasons::DOCUMENT_MISSING,
    reasons::ANSWER_INCOMPLETE,
];

crate::rule::rule! {
    aliases: &[],
    gate: Gate::SourceKey,
    level: Level::Error,
    summary: "within one account, the source key keeps the copy role out",
    reason_lists: &[&key_use::REASONS, &OWN_REASONS],
    facts: &[ACTOR, "steps-describe-key-twice", "steps-via-service-region"],
    page: include_str!("source_key_refuses_copy_role.md"),
    check: check,
}

const ACTOR: &str = "encryption-actor-copy-same-account";

fn check(view: &View<'_>) -> Outcome {
    if view.copy.is_cross_account() {
        return Outcome::not_applicable("across accounts the destination's service-linked role uses the key");
    }
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    if support.fully_managed.value {
        return Outcome::not_applicable("backups of this type are encrypted with the key of the vault");
    }
    if view.copy.source_keys == SourceKeys::Unencrypted {
        return Outcome::not_applicable("the source is not encrypted");
    }
    let keys = match source_keys(view) {
        Ok(keys) => keys,
        Err(undecided) => return undecided,
    };
    let Some(role) = &view.copy.role else {
        return Outcome::undecided("role-not-known", "whether the copy role may use the source key cannot be told without its name")
            .missing(flag("--role"))
            .help("name the role that AWS Backup assumes: `--role ARN`");
    };
    let identity = match RolePolicies::of_role(view, "copy-role", role) {
        Ok(identity) => identity,
        Err(missing) => {
            return missing_document(format!("the policies of role `{}` were not all read", role.name), missing);
        }
    };
    let outcomes = keys.iter().enumerate().map(|(index, key)| {
        KeyUse {
            view,
            support,
            part: source_key_part(index),
            key,
            who: Who::copy_role(view),
            caller: "the copy role",
            identity: &identity,
            principal: StepPrincipal::CopyRole,
            resource: StepResource::SourceKey,
            aws_says: "KMS key is either disabled or pending deletion or access to KMS key is denied",
        }
        .judge()
    });
    match worst(outcomes) {
        Some(outcome) if outcome.kind == OutcomeKind::NotApplicable => outcome,
        Some(outcome) => rest(view, outcome, ACTOR),
        None => Outcome::not_applicable("the source is not encrypted"),
    }
}
