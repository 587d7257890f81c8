//! The policies of the copy role let it leave the source vault, enter the destination vault, and
//! share or copy what the type needs.

use crate::calls::copy_role_calls;
use crate::outcome::Outcome;
use crate::parts::role_use::{self, RoleUse, SourceVault};
use crate::parts::subject::{copy_role, management, missing_document, rest};
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::View;

const OWN_REASONS: [Reason; 4] = [
    reasons::ROLE_NOT_KNOWN,
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
];

crate::rule::copy_rule! {
    gate: Gate::CopyRole,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the policies of the copy role leave out something that the copy needs",
    reason_lists: &[&role_use::REASONS, &OWN_REASONS],
    facts: &[
        FACT,
        "steps-copy-from-vault",
        "steps-copy-into-vault",
        "steps-share-tag-of-backup",
        "organization-boundary",
        "managed-policies-service-role",
        "managed-policies-s3-backup",
        "prerequisites-air-gapped-recovery-point-arn",
    ],
    page: include_str!("source_role_cannot_copy.md"),
}

const FACT: &str = "prerequisites-copy-role-identity";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    let (role, identity) = match copy_role(view, "whether the copy role may copy") {
        Ok(known) => known,
        Err(undecided) => return undecided,
    };
    let calls = match copy_role_calls(view, support) {
        Ok(calls) => calls,
        Err(missing) => {
            return missing_document(
                "what the copy role has to do hangs on the kind of the destination vault",
                vec![missing],
            );
        }
    };
    let outcome = RoleUse {
        view,
        support,
        who: Who::copy_role(view),
        caller: "the copy role",
        role: &role.name,
        identity: &identity,
        // What the vault's policy says is asked by another rule.
        vault: SourceVault::Silent,
        aws_says: Some(says::ACCESS_DENIED),
    }
    .judge(&calls);
    rest(view, outcome, FACT)
}
