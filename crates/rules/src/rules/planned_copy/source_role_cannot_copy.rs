//! The policies of the copy role let it leave the source vault, enter the destination vault, and
//! share or copy what the type needs.

use super::role_use::{self, RoleUse, SourceVault};
use super::subject::{flag, management, missing_document, rest};
use crate::calls::copy_role_calls;
use crate::identity::RolePolicies;
use crate::outcome::Outcome;
use crate::reasons;
use crate::requests::Who;
use crate::rule::{Gate, Level, Reason};
use crate::view::View;

const OWN_REASONS: [Reason; 4] = [
    Reason { name: "role-not-known", meaning: "nobody named the copy role" },
    reasons::TYPE_NOT_KNOWN,
    reasons::UNKNOWN_TYPE,
    reasons::VARIANT_NOT_KNOWN,
];

crate::rule::rule! {
    aliases: &[],
    gate: Gate::CopyRole,
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
    check: check,
}

const FACT: &str = "prerequisites-copy-role-identity";
const AWS_SAYS: &str = "Access Denied trying to call AWS Backup service";

fn check(view: &View<'_>) -> Outcome {
    let support = match management(view) {
        Ok(support) => support,
        Err(undecided) => return undecided,
    };
    let Some(role) = &view.copy.role else {
        return Outcome::undecided("role-not-known", "whether the copy role may copy cannot be told without its name")
            .missing(flag("--role"))
            .help("name the role that AWS Backup assumes in the source account: `--role ARN`");
    };
    let calls = match copy_role_calls(view, support) {
        Ok(calls) => calls,
        Err(missing) => {
            return missing_document("what the copy role has to do hangs on the kind of the destination vault", vec![missing]);
        }
    };
    let identity = match RolePolicies::of_role(view, "copy-role", role) {
        Ok(identity) => identity,
        Err(missing) => {
            return missing_document(format!("the policies of role `{}` were not all read", role.name), missing);
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
        aws_says: Some(AWS_SAYS),
    }
    .judge(&calls);
    rest(view, outcome, FACT)
}
