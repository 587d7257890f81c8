//! Reading templates: a plan of 50 MB, of which most is of no concern, a module with a thousand
//! policies, and templates of CloudFormation of the largest size.

use std::fmt::Write as _;

use copy_preflight_policy::source::Sources;
use copy_preflight_templates::{File, Format, read};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Which template is read.
#[derive(Debug, Clone, Copy)]
enum Text {
    /// 50 MB: 40,000 resources, one in ten with a policy, told twice as plans do.
    Plan,
    /// 1 MB: 1,000 keys and their documents.
    Module,
    /// 1 MB, the limit of CloudFormation.
    Yaml,
}

const TEXTS: [Text; 3] = [Text::Plan, Text::Module, Text::Yaml];

#[divan::bench(args = TEXTS, max_time = 10)]
fn template(bencher: Bencher<'_, '_>, text: Text) {
    let (text, format) = text.generate();
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        let mut sources = Sources::new();
        let source = sources.add("template", text.as_str());
        let template = read(&mut sources, &[File { source, format }]);
        assert!(template.problems.is_empty() && template.documents.len() >= 400);
        black_box((sources, template));
    });
}

impl Text {
    fn generate(self) -> (String, Format) {
        let mut text = String::new();
        match self {
            Self::Plan => {
                let padding = "x".repeat(450);
                text.push_str("{\"format_version\":\"1.2\",\"planned_values\":{\"root_module\":{\"resources\":[");
                resources(&mut text, &padding, "values");
                text.push_str("]}},\"resource_changes\":[");
                resources(&mut text, &padding, "after");
                text.push_str("]}");
                (text, Format::TerraformPlan)
            }
            Self::Module => {
                for index in 0..1_000 {
                    write!(text, "{}", MODULE.replace("INDEX", &index.to_string()))
                        .unwrap_or_default();
                }
                (text, Format::Terraform)
            }
            Self::Yaml => {
                text.push_str("Resources:\n");
                for index in 0..1_600 {
                    write!(text, "{}", YAML.replace("INDEX", &index.to_string()))
                        .unwrap_or_default();
                }
                (text, Format::CloudFormation)
            }
        }
    }
}

fn resources(text: &mut String, padding: &str, values: &str) {
    for index in 0..40_000 {
        let comma = if index == 0 { "" } else { "," };
        let (kind, policy) = match index % 10 {
            0 => ("aws_kms_key", POLICY),
            _ => ("aws_s3_bucket", "none"),
        };
        let values = match values {
            "after" => format!(
                "\"change\":{{\"actions\":[\"create\"],\"before\":null,\"after\":{{\"policy\":\"{policy}\",\"tags\":{{\"x\":\"{padding}\"}}}},\"after_unknown\":{{\"arn\":true}}}}"
            ),
            name => {
                format!("\"{name}\":{{\"policy\":\"{policy}\",\"tags\":{{\"x\":\"{padding}\"}}}}")
            }
        };
        write!(
            text,
            "{comma}{{\"address\":\"module.a[{index}].{kind}.this\",\"mode\":\"managed\",\"type\":\"{kind}\",\"name\":\"this\",{values}}}"
        )
        .unwrap_or_default();
    }
}

const POLICY: &str = r#"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"#;

const MODULE: &str = r#"
data "aws_iam_policy_document" "keyINDEX" {
  statement {
    sid       = "Admin"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "Use"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:ReEncrypt*", "kms:CreateGrant"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = var.users
    }
    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

# The key of one vault.
resource "aws_kms_key" "keyINDEX" {
  description = "copies"
  policy      = data.aws_iam_policy_document.keyINDEX.json
}
"#;

const YAML: &str = "  KeyINDEX:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - Sid: Admin # of this account
            Effect: Allow
            Principal:
              AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'
            Action: kms:*
            Resource: '*'
          - Sid: Use
            Effect: Allow
            Principal: {AWS: !GetAtt Role.Arn}
            Action: [kms:Decrypt, kms:DescribeKey]
            Resource: '*'
";
