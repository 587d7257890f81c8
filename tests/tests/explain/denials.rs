//! Denials of IAM, told apart by what their texts carry.

use copy_preflight::Exit;
use serde_json::json;

use super::explain;

/// Who refused what: class, rule and side of the first cause.
#[test]
fn denials_are_told_apart() {
    let slr = "arn:aws:sts::444455556666:assumed-role/AWSServiceRoleForBackup/AWSBackup";
    let role = "arn:aws:sts::111122223333:assumed-role/AWSBackupDefaultServiceRole/b";
    let source_key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let destination_key =
        "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let vault = "arn:aws:backup:eu-west-1:444455556666:backup-vault:central";
    let point = "arn:aws:ec2:eu-west-1::snapshot/snap-0a1b2c3d4e5f60718";
    let no = |kind: &str, action: &str| format!("because no {kind} allows the {action} action");
    let deny = |kind: &str| format!("with an explicit deny in a {kind}");
    let into = "backup:CopyIntoBackupVault";
    let from = "backup:CopyFromBackupVault";
    let grant = "kms:CreateGrant";
    let share = "ec2:ModifySnapshotAttribute";
    for (principal, action, resource, tail, class, rule, side) in [
        (
            slr,
            grant,
            source_key,
            no("resource-based policy", grant),
            "source-key-policy",
            Some("source-key-refuses-destination"),
            "source",
        ),
        (
            slr,
            grant,
            destination_key,
            no("resource-based policy", grant),
            "destination-key-policy",
            Some("destination-key-refuses-copy"),
            "destination",
        ),
        (
            role,
            grant,
            source_key,
            deny("resource-based policy"),
            "source-key-policy",
            Some("source-key-refuses-copy-role"),
            "source",
        ),
        (
            role,
            into,
            vault,
            no("resource-based policy", into),
            "vault-policy-denies",
            Some("vault-policy-refuses-source"),
            "destination",
        ),
        (
            role,
            into,
            vault,
            deny("resource-based policy"),
            "vault-policy-denies",
            Some("vault-policy-refuses-source"),
            "destination",
        ),
        (
            role,
            into,
            vault,
            deny("service control policy"),
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
        ),
        (
            role,
            into,
            vault,
            no("service control policy", into),
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
        ),
        (
            role,
            into,
            vault,
            no("identity-based policy", into),
            "role-missing-permission",
            Some("source-role-cannot-copy"),
            "source",
        ),
        (
            role,
            into,
            vault,
            no("permissions boundary", into),
            "role-missing-permission",
            Some("source-role-cannot-copy"),
            "source",
        ),
        (role, into, vault, no("session policy", into), "role-missing-permission", None, "unknown"),
        (
            role,
            into,
            vault,
            deny("VPC endpoint policy"),
            "role-missing-permission",
            None,
            "unknown",
        ),
        (
            role,
            from,
            point,
            deny("resource-based policy"),
            "vault-policy-denies",
            Some("source-vault-policy-denies-copy"),
            "source",
        ),
        (
            role,
            share,
            point,
            no("identity-based policy", share),
            "role-missing-permission",
            Some("source-role-cannot-copy"),
            "source",
        ),
        (
            role,
            grant,
            source_key,
            deny("resource control policy"),
            "scp-or-rcp-deny",
            Some("guardrail-denies-copy"),
            "organization",
        ),
    ] {
        let plain = format!(
            "User: {principal} is not authorized to perform: {action} on resource: {resource} {tail}"
        );
        for text in [
            plain.clone(),
            format!(
                "An error occurred (AccessDeniedException) when calling the X operation: {plain}"
            ),
            format!(
                "{plain} (Service: Kms, Status Code: 400, Request ID: 0a1b2c3d-1111-4222-8333-0123456789ab)"
            ),
        ] {
            let line = explain(&["--format", "json", &text]).line();
            let first = &line["causes"][0];
            assert_eq!(line["denial"]["action"], action, "{text}");
            assert_eq!(line["denial"]["resource"], resource, "{text}");
            assert_eq!(line["denial"]["principal"], principal, "{text}");
            assert!(tail.contains(line["denial"]["refused_by"].as_str().unwrap()), "{text}");
            let found = (first["class"].as_str(), first["rule"].as_str(), first["side"].as_str());
            assert_eq!(found, (Some(class), rule, Some(side)), "{text}");
        }
    }
}

#[test]
fn a_denial_that_is_no_step_of_a_copy_has_no_cause() {
    for action in [
        "s3:GetObject",
        "ec2:DescribeInstances",
        "dynamodb:Query",
        "sts:AssumeRole",
        "backup:DeleteBackupVault",
    ] {
        let text = format!(
            "User: arn:aws:iam::111122223333:user/dev is not authorized to perform: {action} on resource: \
             arn:aws:x:::y because no identity-based policy allows the {action} action"
        );
        let ran = explain(&["--format", "json", &text]);
        let line = ran.line();
        assert_eq!(line["denial"]["action"], action);
        assert_eq!((&line["recognised"], &line["causes"]), (&json!(false), &json!([])), "{line:#}");
        assert_eq!(ran.exit, Exit::Undecided);
    }
}
