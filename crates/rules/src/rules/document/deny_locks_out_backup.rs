//! A Deny by network or person spares the calls of services.

use copy_preflight_policy::iam::Statement;
use copy_preflight_policy::iam::condition::Base;

use crate::lint::view::{is_everybody, may_do, principals};
use crate::lint::{DocumentKind, DocumentView};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: &[DocumentKind::KeyPolicy, DocumentKind::VaultPolicy, DocumentKind::Rcp],
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a Deny by network, MFA or user also stops the calls that services make for a copy",
    reason_lists: &[&[
        Reason { name: "no-exception", meaning: "no condition spares the calls of services" },
        Reason { name: "ec2-infrastructure", meaning: "the exception leaves out the role with which EC2 uses the key" },
    ]],
    facts: &["policy-language-network-conditions", "organization-ec2-infrastructure-inside-guardrails"],
    page: include_str!("deny_locks_out_backup.md"),
}

/// Keys that spare services where they are asked for beside the others.
const SPARES: [&str; 6] = [
    "aws:principalisawsservice",
    "aws:viaawsservice",
    "aws:principalservicename",
    "aws:calledvia",
    "aws:principalservicenameslist",
    "kms:viaservice",
];

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(row) = view.facts.row("policy-language-network-conditions") else { return Vec::new() };
    let keys: Vec<String> = row.strings("keys").map(str::to_ascii_lowercase).collect();
    view.denies().filter_map(|statement| judge(view, statement, &keys)).collect()
}

fn judge(view: &DocumentView<'_>, statement: &Statement, keys: &[String]) -> Option<Outcome> {
    let actions: &[&str] = match view.kind() {
        DocumentKind::VaultPolicy => &["backup:CopyIntoBackupVault", "backup:CopyFromBackupVault"],
        _ => &[
            "kms:CreateGrant",
            "kms:ReEncryptFrom",
            "kms:Decrypt",
            "kms:GenerateDataKeyWithoutPlaintext",
        ],
    };
    let concerned = actions.iter().any(|action| may_do(statement, action).is_true());
    let everybody = principals(statement).any(is_everybody);
    if !concerned || !everybody || statement.doubt.is_some() {
        return None;
    }
    let bites = statement.conditions.iter().find(|condition| {
        let key = condition.folded_key();
        let personal = keys.iter().any(|one| one == key);
        // A call without the key is stopped by a negated operator, and by `Bool … IfExists: false`.
        let missing_matches = condition.operator.negated || condition.operator.if_exists;
        personal && missing_matches && condition.operator.base != Base::Null
    })?;
    let spared =
        statement.conditions.iter().any(|condition| SPARES.contains(&condition.folded_key()));
    let by_arn = statement.conditions.iter().find(|condition| {
        condition.operator.negated && condition.folded_key() == "aws:principalarn"
    });
    let open = statement.conditions.iter().any(|condition| condition.key.known().is_none());
    if spared || open {
        return None;
    }
    let values = by_arn.map(|condition| condition.values.as_slice()).unwrap_or_default();
    let names = |part: &str| {
        values
            .iter()
            .any(|value| value.text.known().is_none_or(|text| text.contains(part) || text == "*"))
    };
    if view.is(DocumentKind::VaultPolicy) && by_arn.is_some() {
        return None;
    }
    let key = &bites.key;
    let told = |reason, message: String, span, note: &str| {
        let outcome = Outcome::broken(reason, message)
            .label(view.label(bites.span, "calls of services lack this key"));
        outcome.label(view.label(span, note)).help(
            "spare services: `\"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\", \
             \"aws:ViaAWSService\": \"false\"}`, and `ArnNotLikeIfExists` on `aws:PrincipalArn` for \
             `arn:aws:iam::*:role/aws-service-role/*` and `arn:aws:iam::*:role/aws:ec2-infrastructure`",
        )
    };
    match by_arn {
        None => {
            let message =
                format!("a Deny on `{key}` also stops the calls that services make for a copy");
            Some(told("no-exception", message, statement.effect_span, "stops them too"))
        }
        Some(condition) if names("aws-service-role") && !names("aws:ec2-infrastructure") => {
            let message = format!(
                "a Deny on `{key}` also stops EC2, which uses the key as `aws:ec2-infrastructure`"
            );
            Some(told("ec2-infrastructure", message, condition.span, "does not spare it"))
        }
        Some(_) => None,
    }
}
