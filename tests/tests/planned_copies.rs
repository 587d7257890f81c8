//! Planned copies of the config, judged by the documents that it gives: which rules count, what
//! leaves a copy open, and mistakes in the config.

use std::fs;
use std::path::Path;

use copy_preflight::Exit;
use copy_preflight_rules::rules::planned_copy::RULES;
use copy_preflight_tests::places::{read, workspace};
use copy_preflight_tests::running::{Ran, tool};
use copy_preflight_tests::schemas::{schema, undescribed};
use serde_json::Value;

/// A repository with the config and the policies of the fixture.
struct Folder(tempfile::TempDir);

const VAULT: &str = "policies/central-vault.json";
const CONFIG: &str = "copy-preflight.toml";

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let from = workspace().join("fixtures/lint/pull-request/before");
        fs::create_dir(folder.path().join("policies")).unwrap();
        for name in [CONFIG, VAULT, "policies/central-key.json", "policies/prod-key.json"] {
            fs::copy(from.join(name), folder.path().join(name)).unwrap();
        }
        folder
    }

    fn with(self, name: &str, from: &str, to: &str) -> Self {
        let path = self.path().join(name);
        let text = read(&path);
        assert!(text.contains(from), "{name}: {from}");
        fs::write(&path, text.replace(from, to)).unwrap();
        self
    }

    fn and(self, name: &str, text: &str) -> Self {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn lint(&self, flags: &[&str]) -> Ran {
        let folder = self.path().join("policies");
        let config = self.path().join(CONFIG);
        let (folder, config) = (folder.to_str().unwrap(), config.to_str().unwrap());
        tool([&["lint", folder, "--config", config, "--now", "2026-11-22"], flags].concat())
    }

    /// The exit code, the answer for the one copy, and `rule outcome` of its findings.
    fn answer(&self) -> (Exit, String, Vec<String>) {
        let ran = self.lint(&["--format", "json"]);
        let report = ran.json();
        assert_eq!(undescribed(&schema("lint-v1"), &report), Vec::<String>::new());
        let of_copy = |one: &&Value| one["document"]["kind"] == "planned-copy";
        let findings = report["findings"].as_array().unwrap().iter().filter(of_copy);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let findings =
            findings.map(|one| format!("{} {}", text(&one["rule"]), text(&one["outcome"])));
        (ran.exit, text(&report["copies"][0]["answer"]), findings.collect())
    }
}

/// No document but those in the table is wrong, so the exit code is that of the planned copy.
fn quiet() -> Folder {
    Folder::new().with("policies/central-key.json", "kms:DescribeKeys", "kms:DescribeKey")
}

fn terraform(principal: &str) -> String {
    format!(
        r#"variable "source_account" {{
  type = string
}}

resource "aws_backup_vault_policy" "central" {{
  backup_vault_name = "central"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Sid       = "Copies"
      Effect    = "Allow"
      Principal = {{ AWS = {principal} }}
      Action    = "backup:CopyIntoBackupVault"
      Resource  = "*"
    }}]
  }})
}}
"#
    )
}

/// A type or Region that no fact knows is a mistake in the config, not a document that lacks.
#[test]
fn a_copy_that_is_not_understood_is_open() {
    let typed = quiet().with(CONFIG, "resource-type = \"EBS\"", "resource-type = \"EBSS\"");
    let (exit, answer, findings) = typed.answer();
    assert_eq!((exit, answer.as_str()), (Exit::Undecided, "open"));
    assert_eq!(findings, ["resource-type-not-copyable undecided"]);
}

#[test]
fn documents_permit_stop_or_leave_open() {
    let admits = "\"AWS\": \"arn:aws:iam::111122223333:root\" }";
    let by_organization = |id: &str| {
        format!(
            "\"AWS\": \"*\" }}, \"Condition\": {{ \"StringEquals\": {{ \"aws:PrincipalOrgID\": \"{id}\" }} }}"
        )
    };
    let in_terraform =
        |folder: Folder| folder.with(CONFIG, VAULT, "main.tf#aws_backup_vault_policy.central");
    let vault = "vault-policy-refuses-source";
    let cases: Vec<(&str, Folder, Exit, &str, Vec<String>)> = vec![
        ("as it should be", quiet(), Exit::Fine, "permitted", vec![]),
        (
            "the vault lost the source account",
            quiet().with(VAULT, "111122223333", "777788889999"),
            Exit::Failed,
            "not permitted",
            vec![format!("{vault} broken")],
        ),
        (
            "the organization of the config",
            quiet().with(VAULT, admits, &by_organization("o-a1b2c3d4e5")),
            Exit::Fine,
            "permitted",
            vec![],
        ),
        (
            "another organization",
            quiet().with(VAULT, admits, &by_organization("o-zzzz999999")),
            Exit::Failed,
            "not permitted",
            vec![format!("{vault} broken")],
        ),
        (
            "the config does not say which organization: nothing is known of the vault's policy",
            quiet()
                .with(VAULT, admits, &by_organization("o-a1b2c3d4e5"))
                .with(CONFIG, "id = \"o-a1b2c3d4e5\"\n", ""),
            Exit::Fine,
            "not judged",
            vec![],
        ),
        (
            "a condition whose key nobody knows stands in the policy itself",
            quiet().with(
                VAULT,
                "\"Resource\": \"*\"",
                "\"Resource\": \"*\", \"Condition\": { \"IpAddress\": { \"aws:SourceIp\": \"192.0.2.0/24\" } }",
            ),
            Exit::Undecided,
            "open",
            vec![format!("{vault} undecided")],
        ),
        (
            "the key keeps the destination account out: grants stand in no repository",
            quiet().with("policies/prod-key.json", "444455556666", "777788889999"),
            Exit::Failed,
            "not permitted",
            vec!["source-key-refuses-destination broken".to_owned()],
        ),
        (
            "a template that settles the account",
            in_terraform(quiet()).and("main.tf", &terraform("\"111122223333\"")),
            Exit::Fine,
            "permitted",
            vec![],
        ),
        (
            "a template that names another",
            in_terraform(quiet()).and("main.tf", &terraform("\"777788889999\"")),
            Exit::Failed,
            "not permitted",
            vec![format!("{vault} broken")],
        ),
        (
            "a template that leaves the account open",
            in_terraform(quiet()).and("main.tf", &terraform("var.source_account")),
            Exit::Undecided,
            "open",
            vec![format!("{vault} undecided")],
        ),
        (
            "an answer of the AWS CLI",
            quiet().with(CONFIG, VAULT, "answer.json").and(
                "answer.json",
                r#"{"BackupVaultName": "central", "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"777788889999\"},\"Action\":\"backup:CopyIntoBackupVault\",\"Resource\":\"*\"}]}"}"#,
            ),
            Exit::Failed,
            "not permitted",
            vec![format!("{vault} broken")],
        ),
        (
            "a type that AWS Backup does not copy, whatever the documents say",
            quiet().with(CONFIG, "\"EBS\"", "\"Redshift\""),
            Exit::Failed,
            "not permitted",
            vec!["resource-type-not-copyable broken".to_owned()],
        ),
        (
            "a snapshot says the rest: another organization",
            quiet()
                .with(CONFIG, "role = ", "snapshot = \"saved\"\nrole = ")
                .with(CONFIG, "id = \"o-a1b2c3d4e5\"\n", "")
                .with(VAULT, admits, &by_organization("o-a1b2c3d4e5"))
                .and(
                    "saved/accounts/111122223333/organization.json",
                    r#"{"Organization": {"Id": "o-zzzz999999", "MasterAccountId": "999988887777"}}"#,
                ),
            Exit::Failed,
            "not permitted",
            vec![format!("{vault} broken")],
        ),
    ];
    for (name, folder, exit, answer, findings) in cases {
        assert_eq!(folder.answer(), (exit, answer.to_owned(), findings), "{name}");
    }
}

#[test]
fn a_role_is_judged_by_the_policies_that_are_given() {
    let slot = "\"copy-role-policy[backup]\" = \"policies/role.json\"\ndestination-key-policy";
    let role = |action: &str| {
        quiet().with(CONFIG, "destination-key-policy", slot).and(
            "policies/role.json",
            &format!(
                r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": ["{action}"], "Resource": "*"}}]}}"#
            ),
        )
    };
    let (exit, answer, findings) = role("backup:ListTags").answer();
    assert_eq!((exit, answer.as_str()), (Exit::Failed, "not permitted"));
    assert!(findings.contains(&"source-role-cannot-copy broken".to_owned()), "{findings:?}");
    let (_, _, findings) = role("*").answer();
    assert!(!findings.contains(&"source-role-cannot-copy broken".to_owned()), "{findings:?}");
}

#[test]
fn mistakes_in_the_config_are_told_with_their_places() {
    for (name, folder, message) in [
        (
            "a slot that no rule asks for",
            quiet().with(CONFIG, "destination-key-policy", "destination-kee-policy"),
            "copy-preflight.toml:26:1: no rule asks for `destination-kee-policy` of this copy; \
             the nearest slot is `destination-key-policy`",
        ),
        (
            "the key of the vault is not named",
            quiet().with(CONFIG, "destination-key = ", "# "),
            "no rule asks for `destination-key-policy` of this copy; say which it is: \
             `destination-key = ARN`",
        ),
        (
            "a file that is not there",
            quiet().with(CONFIG, VAULT, "policies/none.json"),
            "copy-preflight.toml:24:28: `policies/none.json` does not exist",
        ),
        (
            "a resource that is not there",
            quiet()
                .with(CONFIG, VAULT, "main.tf#aws_backup_vault_policy.other")
                .and("main.tf", &terraform("\"*\"")),
            "has no `aws_backup_vault_policy.other` with a vault access policy; there is \
             `aws_backup_vault_policy.central`",
        ),
        (
            "a snapshot that is not there",
            quiet().with(CONFIG, "role = ", "snapshot = \"none\"\nrole = "),
            "snapshot `none` cannot be read",
        ),
    ] {
        let ran = folder.lint(&[]);
        assert_eq!(ran.exit, Exit::Unable, "{name}: {ran:?}");
        assert!(ran.error.contains(message), "{name}: {}", ran.error);
    }
}

#[test]
fn levels_and_suppressions_hold_for_planned_copies() {
    let stopped = || quiet().with(VAULT, "111122223333", "777788889999");
    let off = stopped().with(
        CONFIG,
        "[organization]",
        "[rules]\nvault-policy-refuses-source = \"off\"\n\n[organization]",
    );
    assert_eq!(off.answer().0, Exit::Fine);
    let accepted = stopped().with(
        CONFIG,
        "[organization]",
        "[[suppress]]\nrule = \"vault-policy-refuses-source\"\nwhere = \"policies/*.json#prod to central\"\nreason = \"moves\"\n\n[organization]",
    );
    let (exit, answer, findings) = accepted.answer();
    assert_eq!((exit, findings), (Exit::Fine, vec![]), "{answer}");
}

#[test]
fn what_stops_all_types_is_one_finding() {
    let folder = quiet().with(CONFIG, "resource-type = \"EBS\"\n", "").with(
        VAULT,
        "111122223333",
        "777788889999",
    );
    let report = folder.lint(&["--format", "json"]).json();
    let findings = report["findings"].as_array().unwrap();
    let of_vault: Vec<&Value> =
        findings.iter().filter(|one| one["rule"] == "vault-policy-refuses-source").collect();
    assert_eq!(of_vault.len(), 1, "{of_vault:#?}");
    let message = of_vault[0]["message"].as_str().unwrap();
    // Rules are counted, not rules of types.
    assert!(report["copies"][0]["not_judged"].as_u64().unwrap() < RULES.len() as u64, "{report:#}");
    assert!(message.contains(" resource types): the policy of vault `central`"), "{message}");
}
