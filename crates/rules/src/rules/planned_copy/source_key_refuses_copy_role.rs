//! Within one account the copy role itself uses the source key.

use crate::facts::StepResource;
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::key_use::{self, KeyUse, KeyUser};
use crate::parts::subject::{management, rest, source_key_part, source_keys, worst};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::View;

const OWN_REASONS: [Reason; 7] = [
    reasons::ROLE_NOT_KNOWN,
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
    summary: "within one account, the source key keeps the copy role out",
    reason_lists: &[&key_use::REASONS, &OWN_REASONS],
    facts: &[ACTOR, "steps-describe-key-twice", "steps-via-service-region"],
    page: include_str!("source_key_refuses_copy_role.md"),
}

const ACTOR: &str = "encryption-actor-copy-same-account";

fn check(view: &View<'_>) -> Outcome {
    if view.copy.is_cross_account() {
        return Outcome::not_applicable(
            "across accounts the destination's service-linked role uses the key",
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
        return Outcome::not_applicable("the source is not encrypted");
    }
    let keys = match source_keys(view) {
        Ok(keys) => keys,
        Err(undecided) => return undecided,
    };
    let user = match KeyUser::copy_role(view, "the source key") {
        Ok(user) => user,
        Err(undecided) => return undecided,
    };
    let outcomes = keys.iter().enumerate().map(|(index, key)| {
        KeyUse {
            view,
            support,
            part: &source_key_part(index),
            key,
            user: &user,
            resource: StepResource::SourceKey,
            aws_says: says::KEY_REFUSED,
        }
        .judge()
    });
    match worst(outcomes) {
        Some(outcome) if outcome.kind == OutcomeKind::NotApplicable => outcome,
        Some(outcome) => rest(view, outcome, ACTOR),
        None => Outcome::not_applicable("the source is not encrypted"),
    }
}
