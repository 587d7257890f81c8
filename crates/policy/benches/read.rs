//! Reading JSON, beside `serde_json` into its own tree, which knows no places. Freeing the tree
//! is part of what is measured, as it is part of what a run costs.

use std::fmt::Write as _;

use copy_preflight_policy::json;
use copy_preflight_policy::source::SourceId;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Which text is read.
#[derive(Debug, Clone, Copy)]
enum Text {
    /// 3.7 KB: the size of a key policy with its copy.
    Policy,
    /// 32 KB: the largest key policy that KMS takes, pretty-printed.
    KeyPolicy,
    /// The same inside a JSON string, as `get-key-policy` prints it.
    Escaped,
    /// 10 MB: one object with 500,000 members.
    Members,
}

const TEXTS: [Text; 4] = [Text::Policy, Text::KeyPolicy, Text::Escaped, Text::Members];

#[divan::bench(args = TEXTS, max_time = 5)]
fn json_read(bencher: Bencher<'_, '_>, text: Text) {
    let text = text.generate();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        drop(black_box(json::read(SourceId::new(0), black_box(&text))));
    });
}

#[divan::bench(args = TEXTS, max_time = 5)]
fn serde_json_value(bencher: Bencher<'_, '_>, text: Text) {
    let text = text.generate();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        drop(black_box(serde_json::from_str::<serde_json::Value>(black_box(&text))));
    });
}

impl Text {
    fn generate(self) -> String {
        match self {
            Self::Policy => policy(5),
            Self::KeyPolicy => policy(41),
            Self::Escaped => serde_json::json!({ "Policy": policy(41) }).to_string(),
            Self::Members => members(500_000),
        }
    }
}

fn policy(statements: usize) -> String {
    let mut text = String::from("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [");
    for index in 0..statements {
        let comma = if index == 0 { "" } else { "," };
        let account = 111_122_223_333_usize + index;
        let _ = write!(
            text,
            r#"{comma}
    {{
      "Sid": "AllowUseOfTheKeyByAccount{index}",
      "Effect": "Allow",
      "Principal": {{
        "AWS": "arn:aws:iam::{account}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
      }},
      "Action": [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "kms:ListGrants",
        "kms:RevokeGrant"
      ],
      "Resource": "*",
      "Condition": {{
        "StringEquals": {{
          "aws:PrincipalOrgID": "o-a1b2c3d4e5",
          "kms:ViaService": [
            "backup.eu-west-1.amazonaws.com",
            "ec2.eu-west-1.amazonaws.com"
          ]
        }},
        "Bool": {{ "kms:GrantIsForAWSResource": "true" }}
      }}
    }}"#
        );
    }
    text.push_str("\n  ]\n}\n");
    text
}

fn members(count: usize) -> String {
    let mut text = String::from("{");
    for index in 0..count {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\n\"key-{index:08}\": {}", index % 1000);
    }
    text.push_str("\n}\n");
    text
}
