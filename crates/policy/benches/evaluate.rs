//! Deciding one request: the use of a customer managed key from another account, which is what a
//! copy between accounts hangs on. The documents have 3.7 KB in all. Throughput is what counts,
//! so a sample is many decisions.

use copy_preflight_policy::Truth;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Catalogue, Context, ContextValue, Decision, Document, Documents,
    Levels, Outcome, Policies, Policy, Request, decide,
};
use copy_preflight_policy::json;
use copy_preflight_policy::source::SourceId;
use copy_preflight_policy::text::Text;
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// The policy of the source's key: KMS's default statement, and the destination's account for
/// use and for grants.
const KEY: &str = r#"{
  "Version": "2012-10-17",
  "Id": "key-consolepolicy-3",
  "Statement": [
    {
      "Sid": "Enable IAM User Permissions",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Allow use of the key",
      "Effect": "Allow",
      "Principal": {
        "AWS": ["arn:aws:iam::111122223333:role/backup-operator", "arn:aws:iam::444455556666:root"]
      },
      "Action": [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:DescribeKey"
      ],
      "Resource": "*",
      "Condition": {
        "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
      }
    },
    {
      "Sid": "Allow attachment of persistent resources",
      "Effect": "Allow",
      "Principal": {
        "AWS": ["arn:aws:iam::111122223333:role/backup-operator", "arn:aws:iam::444455556666:root"]
      },
      "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      "Resource": "*",
      "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    },
    {
      "Sid": "Deny use around the services",
      "Effect": "Deny",
      "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
      "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
      "Resource": "*",
      "Condition": {"Null": {"kms:ViaService": "true"}}
    }
  ]
}"#;

/// What the role that copies may do with backups.
const BACKUP: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Copy",
      "Effect": "Allow",
      "Action": ["backup:StartCopyJob", "backup:CopyIntoBackupVault", "backup:Describe*"],
      "Resource": "arn:aws:backup:*:444455556666:backup-vault:central-*"
    },
    {
      "Effect": "Allow",
      "Action": ["ec2:CopySnapshot", "ec2:CreateTags", "tag:GetResources"],
      "Resource": "*"
    },
    {
      "Sid": "PassItself",
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::444455556666:role/copier",
      "Condition": {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
    }
  ]
}"#;

/// What it may do with keys.
const KEYS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "KeysThroughServices",
      "Effect": "Allow",
      "Action": [
        "kms:DescribeKey",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKeyWithoutPlaintext"
      ],
      "Resource": "arn:aws:kms:*:111122223333:key/*",
      "Condition": {
        "StringLike": {"kms:ViaService": ["backup.*.amazonaws.com", "ec2.*.amazonaws.com"]}
      }
    }
  ]
}"#;

const FULL_ACCESS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
}"#;

/// Service control policy: two Regions, and keys only inside the organization.
const GUARDRAILS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DenyOtherRegions",
      "Effect": "Deny",
      "NotAction": ["iam:*", "organizations:*", "route53:*", "sts:*", "support:*"],
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
        "ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/platform/break-glass"}
      }
    },
    {
      "Sid": "DenyForeignKeys",
      "Effect": "Deny",
      "Action": ["kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
      "Resource": "*",
      "Condition": {
        "StringNotEqualsIfExists": {"aws:ResourceOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}
      }
    },
    {
      "Sid": "ProtectVaults",
      "Effect": "Deny",
      "Action": ["backup:DeleteBackupVault*", "backup:PutBackupVaultAccessPolicy"],
      "Resource": "arn:aws:backup:*:*:backup-vault:central-*",
      "Condition": {
        "ArnNotLike": {"aws:PrincipalARN": "arn:aws:iam::*:role/platform/*"}
      }
    }
  ]
}"#;

/// All documents of the case, each once.
const DOCUMENTS: [&str; 5] = [KEY, BACKUP, KEYS, FULL_ACCESS, GUARDRAILS];

/// From texts to a decision: what a person waits for who has the documents of one copy.
#[divan::bench(sample_size = 500, max_time = 5)]
fn parse_and_decide(bencher: Bencher<'_, '_>) {
    let request = request();
    let catalogue = catalogue();
    let bytes: usize = DOCUMENTS.iter().map(|text| text.len()).sum();
    let decided = parse(&DOCUMENTS).decide(&request, &catalogue);
    assert_eq!(decided.outcome, Outcome::Allow);
    bencher
        .counter(ItemsCount::new(1_usize))
        .counter(BytesCount::new(bytes))
        .bench(|| parse(black_box(&DOCUMENTS)).decide(black_box(&request), black_box(&catalogue)));
}

/// The reading of the same documents alone.
#[divan::bench(sample_size = 500, max_time = 5)]
fn parse_only(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| drop(black_box(parse(black_box(&DOCUMENTS)))));
}

/// The documents stay, the requests change: an organization with many copies.
#[divan::bench(sample_size = 500, max_time = 5)]
fn decide_alone(bencher: Bencher<'_, '_>) {
    let case = parse(&DOCUMENTS);
    let policies = case.policies();
    let request = request();
    let catalogue = catalogue();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| decide(black_box(&request), black_box(&policies), black_box(&catalogue)));
}

/// Values of unknown keys are tried: the organization, the Region, the kind of caller and the
/// grant's purpose.
#[divan::bench(sample_size = 500, max_time = 5)]
fn decide_with_unknown_keys(bencher: Bencher<'_, '_>) {
    let case = parse(&DOCUMENTS);
    let policies = case.policies();
    let request = Request { context: unknown_keys(), ..request() };
    let catalogue = catalogue();
    let decided = decide(&request, &policies, &catalogue);
    assert_eq!(decided.outcome, Outcome::Depends);
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| decide(black_box(&request), black_box(&policies), black_box(&catalogue)));
}

/// As above, but all values agree, so that each of them has to be tried.
#[divan::bench(sample_size = 500, max_time = 5)]
fn decide_whatever_unknown_keys_are(bencher: Bencher<'_, '_>) {
    let guard = r#"{
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Deny", "Action": "kms:*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}},
        {"Effect": "Deny", "Action": "kms:*", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}}
      ]
    }"#;
    let case = parse(&[KEY, BACKUP, KEYS, guard, GUARDRAILS]);
    let policies = case.policies();
    let request = Request { context: unknown_keys(), ..request() };
    let catalogue = catalogue();
    let decided = decide(&request, &policies, &catalogue);
    assert!(matches!(decided.outcome, Outcome::Deny(_)));
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| decide(black_box(&request), black_box(&policies), black_box(&catalogue)));
}

/// The documents of a case: the key's policy, two of the caller, two of one level.
struct Case {
    policies: [Policy; 5],
}

impl Case {
    fn policies(&self) -> Policies<'_> {
        let [key, backup, keys, full_access, guardrails] =
            self.policies.each_ref().map(Document::Known);
        Policies {
            resource: Some(key),
            identity: Documents::Known(vec![backup, keys]),
            scp: Some(Levels::Known(vec![Documents::Known(vec![full_access, guardrails])])),
            ..Policies::default()
        }
    }

    fn decide(&self, request: &Request, catalogue: &Catalogue) -> Decision {
        decide(request, &self.policies(), catalogue)
    }
}

fn parse(documents: &[&str; 5]) -> Case {
    let read = |text| {
        let reading = json::read(SourceId::new(0), text);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        Policy::read(&reading.root, Integrity::Whole)
    };
    Case { policies: documents.map(read) }
}

#[expect(clippy::unwrap_used, reason = "the action is written here")]
fn request() -> Request {
    Request {
        action: Action::parse("kms:ReEncryptFrom").unwrap(),
        resource: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
            .into(),
        resource_account: Some("111122223333".into()),
        caller: Caller {
            kind: CallerKind::Role,
            principal: "arn:aws:sts::444455556666:assumed-role/copier/AWSBackup-copy".into(),
            account: Some("444455556666".into()),
            role_arn: Some("arn:aws:iam::444455556666:role/copier".into()),
        },
        context: unknown_keys()
            .with_value("aws:PrincipalOrgID", "o-a1b2c3d4e5")
            .with_value("aws:ResourceOrgID", "o-a1b2c3d4e5")
            .with_value("aws:RequestedRegion", "eu-west-1")
            .with_value("aws:PrincipalIsAWSService", "false"),
        via_vpc_endpoint: Truth::False,
        aws_managed_key: Truth::False,
        management_account: Some("999988887777".into()),
    }
}

/// What is known of any call of AWS Backup on behalf of the role.
fn unknown_keys() -> Context {
    let present = || ContextValue::Present;
    let known = |text: &str| ContextValue::Known(Text::from(text));
    Context::open()
        .with("aws:PrincipalArn", known("arn:aws:iam::444455556666:role/copier"))
        .with("aws:PrincipalAccount", known("444455556666"))
        .with("aws:ResourceAccount", known("111122223333"))
        .with("aws:CalledVia", ContextValue::Many(vec!["backup.amazonaws.com".into()]))
        .with("kms:ViaService", known("backup.eu-west-1.amazonaws.com"))
        .with("aws:SourceIp", ContextValue::Absent)
        .with("aws:PrincipalOrgID", present())
        .with("aws:RequestedRegion", present())
        .with("aws:PrincipalIsAWSService", present())
}

fn catalogue() -> Catalogue {
    let set = |names: &[&str]| names.iter().map(|&name| name.into()).collect();
    Catalogue {
        rcp_services: set(&["kms", "s3", "sts", "sqs", "secretsmanager"]),
        kms_cross_account: set(&[
            "creategrant",
            "decrypt",
            "describekey",
            "encrypt",
            "generatedatakey",
            "generatedatakeywithoutplaintext",
            "reencryptfrom",
            "reencryptto",
        ]),
        single_valued_keys: set(&[
            "aws:principalorgid",
            "aws:principaltag/*",
            "aws:principalisawsservice",
            "aws:requestedregion",
            "aws:resourceorgid",
            "kms:encryptioncontext:*",
            "kms:grantisforawsresource",
            "kms:viaservice",
        ]),
    }
}
