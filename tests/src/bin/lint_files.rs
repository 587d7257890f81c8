//! Writes policies for `lint` to be measured on: `lint_files FOLDER [COUNT]`.
//!
//! The same files every time. Four in five are sound; the others have a mistake each, as people
//! make them. One file in ten holds no policy, as in any repository.
//!
//! ```sh
//! cargo run -p copy-preflight-tests --no-default-features --bin lint_files -- policies 10000
//! time copy-preflight lint --format concise policies
//! ```

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut arguments = env::args_os().skip(1);
    let folder =
        arguments.next().map(PathBuf::from).ok_or_else(|| io::Error::other("no folder"))?;
    let count = arguments.next().and_then(|count| count.to_str()?.parse().ok()).unwrap_or(10_000);
    let mut dice = Dice(0x5eed);
    for number in 0..count {
        let team = folder.join(format!("team-{:03}", number / 100));
        fs::create_dir_all(&team)?;
        let (name, text) = file(&mut dice, number);
        fs::write(team.join(name), text)?;
    }
    Ok(())
}

/// Numbers that only look like chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn account(&mut self) -> String {
        format!("{:012}", 100_000_000_000 + self.below(899_999_999_999))
    }
}

fn file(dice: &mut Dice, number: u64) -> (String, String) {
    let wrong = dice.below(5) == 0;
    match dice.below(10) {
        0 => (
            format!("package-{number}.json"),
            format!("{{\"name\": \"p{number}\", \"version\": \"1.0.0\"}}\n"),
        ),
        1..=4 => (format!("key-{number}.json"), key(dice, wrong)),
        5..=6 => (format!("vault-{number}.json"), vault(dice, wrong)),
        7..=8 => (format!("role-{number}.json"), role(dice, wrong)),
        _ => (format!("scp-{number}.json"), scp(dice, wrong)),
    }
}

fn key(dice: &mut Dice, wrong: bool) -> String {
    let (own, other) = (dice.account(), dice.account());
    let action = if wrong { "kms:ReEncrypt" } else { "kms:ReEncrypt*" };
    let mut statements = vec![format!(
        r#"    {{
      "Sid": "Administration",
      "Effect": "Allow",
      "Principal": {{"AWS": "arn:aws:iam::{own}:root"}},
      "Action": "kms:*",
      "Resource": "*"
    }}"#
    )];
    for number in 0..=dice.below(4) {
        statements.push(format!(
            r#"    {{
      "Sid": "Use{number}",
      "Effect": "Allow",
      "Principal": {{"AWS": ["arn:aws:iam::{other}:root", "arn:aws:iam::{own}:role/team/App{number}"]}},
      "Action": ["kms:Encrypt", "kms:Decrypt", "{action}", "kms:GenerateDataKey*", "kms:DescribeKey"],
      "Resource": "*"
    }},
    {{
      "Sid": "Grant{number}",
      "Effect": "Allow",
      "Principal": {{"AWS": "arn:aws:iam::{other}:root"}},
      "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      "Resource": "*",
      "Condition": {{"Bool": {{"kms:GrantIsForAWSResource": "true"}}}}
    }}"#
        ));
    }
    policy(&statements)
}

fn vault(dice: &mut Dice, wrong: bool) -> String {
    let other = dice.account();
    let key = if wrong { "aws:PrincipalOrganizationID" } else { "aws:PrincipalOrgID" };
    policy(&[
        format!(
            r#"    {{
      "Sid": "Copies",
      "Effect": "Allow",
      "Principal": {{"AWS": "arn:aws:iam::{other}:root"}},
      "Action": "backup:CopyIntoBackupVault",
      "Resource": "*",
      "Condition": {{"StringEquals": {{"{key}": "o-a1b2c3d4e5"}}}}
    }}"#
        ),
        r#"    {
      "Sid": "KeepRecoveryPoints",
      "Effect": "Deny",
      "Principal": "*",
      "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
      "Resource": "*",
      "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/BreakGlass"}}
    }"#
        .to_owned(),
    ])
}

fn role(dice: &mut Dice, wrong: bool) -> String {
    let other = dice.account();
    let vault = if wrong { "vault" } else { "backup-vault" };
    let buckets: Vec<String> =
        (0..=dice.below(20)).map(|one| format!("\"arn:aws:s3:::backups-{one}/*\"")).collect();
    policy(&[
        format!(
            r#"    {{
      "Sid": "CopyInto",
      "Effect": "Allow",
      "Action": "backup:CopyIntoBackupVault",
      "Resource": "arn:aws:backup:eu-west-1:{other}:{vault}:central"
    }}"#
        ),
        r#"    {
      "Sid": "Snapshots",
      "Effect": "Allow",
      "Action": ["ec2:Describe*", "ec2:CopySnapshot", "ec2:ModifySnapshotAttribute", "rds:Describe*"],
      "Resource": "*"
    }"#
        .to_owned(),
        format!(
            r#"    {{
      "Sid": "Buckets",
      "Effect": "Allow",
      "Action": ["s3:GetObject*", "s3:PutObject"],
      "Resource": [{}]
    }}"#,
            buckets.join(", ")
        ),
    ])
}

fn scp(dice: &mut Dice, wrong: bool) -> String {
    let operator = if wrong { "StringNotEquals" } else { "ArnNotLike" };
    let role = dice.below(50);
    policy(&[format!(
        r#"    {{
      "Sid": "ProtectVaults",
      "Effect": "Deny",
      "Action": ["backup:DeleteBackupVault", "backup:DeleteRecoveryPoint", "backup:PutBackupVaultAccessPolicy"],
      "Resource": "*",
      "Condition": {{"{operator}": {{"aws:PrincipalArn": "arn:aws:iam::*:role/Admin{role}"}}}}
    }}"#
    )])
}

fn policy(statements: &[String]) -> String {
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}\n",
        statements.join(",\n")
    )
}
