//! The destination account has the service-linked role of AWS Backup.

use crate::outcome::Outcome;
use crate::parts::subject::{management, missing_document, rest};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Slot, View};

crate::rule::copy_rule! {
    gate: Gate::SourceKey,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the destination account lacks the service-linked role of AWS Backup",
    reason_lists: &[&[
        Reason { name: "no-such-role", meaning: "the account has no role AWSServiceRoleForBackup" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, MAY_BE_MISSING, ACTOR],
    page: include_str!("service_linked_role_missing.md"),
}

const FACT: &str = "prerequisites-service-linked-role";
const MAY_BE_MISSING: &str = "prerequisites-service-linked-role-may-be-missing";
const ACTOR: &str = "encryption-actor-copy-cross-account";

fn check(view: &View<'_>) -> Outcome {
    if !view.copy.is_cross_account() {
        return Outcome::not_applicable("within one account the copy role makes the copy");
    }
    let support = match management(view) {
        Ok(support) => support,
        Err(outcome) => return outcome,
    };
    if support.fully_managed.value {
        return Outcome::not_applicable("AWS Backup itself copies backups of this type");
    }
    let account = &view.copy.destination.account;
    let slot = Slot::destination_service_linked_role(&view.copy);
    let filled = match view.read(&slot) {
        Ok(filled) => filled,
        Err(gap) if gap.is_not_found() => {
            let mut broken = Outcome::broken(
                "no-such-role",
                format!("account {account} has no role `AWSServiceRoleForBackup`, which makes the copy there"),
            )
            .help(
                "create it in the destination account: `aws iam create-service-linked-role --aws-service-name \
                 backup.amazonaws.com`; then check that the source key lets it in",
            );
            broken.labels.extend(gap.label("IAM answers this for a role that is not there"));
            // That the role has to be there follows from who makes the copy; AWS does not say so.
            return rest(view, rest(view, broken, MAY_BE_MISSING), ACTOR).cites(FACT);
        }
        Err(gap) => {
            return missing_document(
                format!("whether account {account} has the service-linked role of AWS Backup cannot be told: it {}", gap.words()),
                vec![gap.missing()],
            )
            .cites(FACT);
        }
    };
    let named = filled.root().member("Role").and_then(|role| role.member("RoleName"));
    let expected = view.facts.row(FACT).and_then(|row| row.text("role"));
    match named.and_then(|node| node.as_str()) {
        Some(name) if Some(name) == expected => {
            let holds = Outcome::holds(format!(
                "account {account} has the service-linked role of AWS Backup"
            ));
            rest(view, holds, FACT)
        }
        _ => {
            Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "the answer is not of the service-linked role",
            )
            .label(filled.label(
                named.map_or(filled.root().span, |node| node.span),
                "expected the role's name",
            ))
            .cites(FACT)
        }
    }
}
