//! One policy in the forms in which repositories hold it: JSON, an answer of the AWS CLI,
//! Terraform source in two ways, a Terraform plan, CloudFormation as YAML and as JSON.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::places::fixture;

/// A policy of the fixtures.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Its name in the fixtures.
    pub name: String,
    /// What it is, in the words of `lint --kind`.
    pub kind: Kind,
    /// The policy.
    pub policy: Value,
}

/// What a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Of a KMS key.
    KeyPolicy,
    /// Of a backup vault.
    VaultPolicy,
    /// Of a role.
    IdentityPolicy,
    /// Who may assume a role.
    TrustPolicy,
    /// A service control policy.
    ServiceControlPolicy,
    /// A resource control policy.
    ResourceControlPolicy,
}

/// How a policy is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// The document alone.
    Json,
    /// What the AWS CLI prints of what carries it.
    Answer,
    /// Terraform source with `jsonencode`.
    JsonEncode,
    /// Terraform source with `aws_iam_policy_document`.
    PolicyDocument,
    /// What `terraform show -json` prints.
    Plan,
    /// CloudFormation as YAML.
    Yaml,
    /// CloudFormation as JSON.
    CloudFormationJson,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 7] = [
        Self::Json,
        Self::Answer,
        Self::JsonEncode,
        Self::PolicyDocument,
        Self::Plan,
        Self::Yaml,
        Self::CloudFormationJson,
    ];

    /// Whether each value of the policy stands on a line of its own; otherwise all of it is one
    /// string on one line.
    #[must_use]
    pub fn has_lines(self, kind: Kind) -> bool {
        match self {
            Self::Plan => false,
            // Of policies of IAM the CLI prints the document itself.
            Self::Answer => matches!(kind, Kind::IdentityPolicy | Kind::TrustPolicy),
            _ => true,
        }
    }
}

/// A file with a policy in it.
#[derive(Debug, Clone)]
pub struct File {
    /// The name; its extension tells the format.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The policies of the fixtures, at least twenty.
///
/// # Panics
/// Where the fixture cannot be read.
#[must_use]
pub fn cases() -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(&fixture("templates/policies.json")).unwrap();
    assert!(cases.len() >= 20, "{} policies", cases.len());
    cases
}

/// A policy in one form.
#[must_use]
pub fn written(case: &Case, form: Form) -> File {
    let (extension, text) = match form {
        Form::Json => ("json", pretty(&case.policy)),
        Form::Answer => ("json", pretty(&answer(case))),
        Form::JsonEncode => ("tf", terraform_resource(case, &jsonencode(&case.policy))),
        Form::PolicyDocument => {
            let resource = terraform_resource(case, "data.aws_iam_policy_document.this.json");
            ("tf", format!("{}\n{resource}", policy_document(&case.policy)))
        }
        Form::Plan => ("json", plan(case)),
        Form::Yaml => ("yaml", yaml_template(case)),
        Form::CloudFormationJson => ("template.json", pretty(&template(case))),
    };
    File { name: format!("{}.{extension}", case.name), text }
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap();
    text.push('\n');
    text
}

fn answer(case: &Case) -> Value {
    let text = case.policy.to_string();
    match case.kind {
        Kind::KeyPolicy => json!({"Policy": text, "PolicyName": "default"}),
        Kind::VaultPolicy => json!({
            "BackupVaultName": "central",
            "BackupVaultArn": "arn:aws:backup:eu-west-1:444455556666:backup-vault:central",
            "Policy": text,
        }),
        Kind::IdentityPolicy => json!({"PolicyVersion": {
            "Document": case.policy,
            "VersionId": "v1",
            "IsDefaultVersion": true,
        }}),
        Kind::TrustPolicy => json!({"Role": {
            "Path": "/",
            "RoleName": "this",
            "Arn": "arn:aws:iam::111122223333:role/this",
            "AssumeRolePolicyDocument": case.policy,
        }}),
        Kind::ServiceControlPolicy | Kind::ResourceControlPolicy => json!({"Policy": {
            "PolicySummary": {
                "Id": "p-0a1b2c3d4e",
                "Name": "this",
                "Type": organizations_type(case.kind),
                "AwsManaged": false,
            },
            "Content": text,
        }}),
    }
}

fn organizations_type(kind: Kind) -> &'static str {
    match kind {
        Kind::ResourceControlPolicy => "RESOURCE_CONTROL_POLICY",
        _ => "SERVICE_CONTROL_POLICY",
    }
}

/// Type and attributes of the resource of Terraform; the last attribute holds the policy.
fn terraform_parts(kind: Kind) -> (&'static str, Vec<(&'static str, &'static str)>, &'static str) {
    match kind {
        Kind::KeyPolicy => ("aws_kms_key", vec![("description", "copies")], "policy"),
        Kind::VaultPolicy => {
            ("aws_backup_vault_policy", vec![("backup_vault_name", "central")], "policy")
        }
        Kind::IdentityPolicy => ("aws_iam_policy", vec![("name", "this")], "policy"),
        Kind::TrustPolicy => ("aws_iam_role", vec![("name", "this")], "assume_role_policy"),
        Kind::ServiceControlPolicy | Kind::ResourceControlPolicy => (
            "aws_organizations_policy",
            vec![("name", "this"), ("type", organizations_type(kind))],
            "content",
        ),
    }
}

fn terraform_resource(case: &Case, expression: &str) -> String {
    let (resource, attributes, policy) = terraform_parts(case.kind);
    let mut text = format!("resource \"{resource}\" \"this\" {{\n");
    for (name, value) in attributes {
        writeln!(text, "  {name} = \"{value}\"").unwrap();
    }
    writeln!(text, "  {policy} = {expression}\n}}").unwrap();
    text
}

/// A string of Terraform, in which nothing is interpolated.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

fn jsonencode(policy: &Value) -> String {
    let mut text = "jsonencode(".to_owned();
    expression(policy, 2, &mut text);
    text.push(')');
    text
}

fn expression(value: &Value, indent: usize, into: &mut String) {
    let inside = " ".repeat(indent + 2);
    match value {
        Value::Object(members) => {
            into.push_str("{\n");
            for (key, value) in members {
                let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let key = if is_name { key.clone() } else { quoted(key) };
                write!(into, "{inside}{key} = ").unwrap();
                expression(value, indent + 2, into);
                into.push('\n');
            }
            write!(into, "{}}}", " ".repeat(indent)).unwrap();
        }
        Value::Array(elements) => {
            into.push_str("[\n");
            for element in elements {
                into.push_str(&inside);
                expression(element, indent + 2, into);
                into.push_str(",\n");
            }
            write!(into, "{}]", " ".repeat(indent)).unwrap();
        }
        Value::String(text) => into.push_str(&quoted(text)),
        other => into.push_str(&other.to_string()),
    }
}

/// The policy as the blocks of `aws_iam_policy_document`.
fn policy_document(policy: &Value) -> String {
    let mut text = "data \"aws_iam_policy_document\" \"this\" {\n".to_owned();
    writeln!(text, "  version = {}", quoted(policy["Version"].as_str().unwrap())).unwrap();
    if let Some(id) = policy.get("Id") {
        writeln!(text, "  policy_id = {}", quoted(id.as_str().unwrap())).unwrap();
    }
    for statement in policy["Statement"].as_array().unwrap() {
        text.push_str("\n  statement {\n");
        for (key, value) in statement.as_object().unwrap() {
            statement_part(key, value, &mut text);
        }
        text.push_str("  }\n");
    }
    text.push_str("}\n");
    text
}

fn statement_part(key: &str, value: &Value, into: &mut String) {
    let list = match key {
        "Sid" | "Effect" => {
            let name = key.to_ascii_lowercase();
            writeln!(into, "    {name} = {}", quoted(value.as_str().unwrap())).unwrap();
            return;
        }
        "Action" => "actions",
        "NotAction" => "not_actions",
        "Resource" => "resources",
        "NotResource" => "not_resources",
        "Principal" | "NotPrincipal" => {
            let block = if key == "Principal" { "principals" } else { "not_principals" };
            let everyone = Map::from_iter([("*".to_owned(), value.clone())]);
            for (kind, identifiers) in value.as_object().unwrap_or(&everyone) {
                writeln!(into, "    {block} {{\n      type = {}", quoted(kind)).unwrap();
                strings("      ", "identifiers", identifiers, into);
                into.push_str("    }\n");
            }
            return;
        }
        "Condition" => {
            for (operator, keys) in value.as_object().unwrap() {
                for (variable, values) in keys.as_object().unwrap() {
                    writeln!(into, "    condition {{\n      test = {}", quoted(operator)).unwrap();
                    writeln!(into, "      variable = {}", quoted(variable)).unwrap();
                    strings("      ", "values", values, into);
                    into.push_str("    }\n");
                }
            }
            return;
        }
        other => panic!("{other} has no block"),
    };
    strings("    ", list, value, into);
}

/// An attribute with a list of strings, each on a line of its own. Variables of policies are
/// written with `&`.
fn strings(indent: &str, name: &str, value: &Value, into: &mut String) {
    let one = std::slice::from_ref(value);
    let elements = value.as_array().map_or(one, Vec::as_slice);
    writeln!(into, "{indent}{name} = [").unwrap();
    for element in elements {
        let text = element.as_str().unwrap().replace("${", "&{");
        writeln!(into, "{indent}  {},", quoted(&text)).unwrap();
    }
    writeln!(into, "{indent}]").unwrap();
}

fn plan(case: &Case) -> String {
    let (resource, attributes, policy) = terraform_parts(case.kind);
    let mut after = Map::new();
    for (name, value) in attributes {
        after.insert(name.to_owned(), value.into());
    }
    after.insert(policy.to_owned(), case.policy.to_string().into());
    let address = format!("module.copies.{resource}.this");
    let values = json!({
        "address": address, "mode": "managed", "type": resource, "name": "this", "values": after,
    });
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"child_modules": [
            {"address": "module.copies", "resources": [values]},
        ]}},
        "resource_changes": [{
            "address": address, "module_address": "module.copies", "mode": "managed",
            "type": resource, "name": "this",
            "change": {
                "actions": ["create"], "before": null, "after": after,
                "after_unknown": {"arn": true, "id": true},
            },
        }],
    });
    // As Terraform prints it: one line.
    format!("{plan}\n")
}

/// Type and properties of the resource of CloudFormation; the last property holds the policy.
fn template(case: &Case) -> Value {
    let policy = &case.policy;
    let (kind, properties) = match case.kind {
        Kind::KeyPolicy => ("AWS::KMS::Key", json!({"KeyPolicy": policy})),
        Kind::VaultPolicy => (
            "AWS::Backup::BackupVault",
            json!({"BackupVaultName": "central", "AccessPolicy": policy}),
        ),
        Kind::IdentityPolicy => ("AWS::IAM::ManagedPolicy", json!({"PolicyDocument": policy})),
        Kind::TrustPolicy => {
            ("AWS::IAM::Role", json!({"RoleName": "this", "AssumeRolePolicyDocument": policy}))
        }
        Kind::ServiceControlPolicy | Kind::ResourceControlPolicy => (
            "AWS::Organizations::Policy",
            json!({"Name": "this", "Type": organizations_type(case.kind), "Content": policy}),
        ),
    };
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"This": {"Type": kind, "Properties": properties}},
    })
}

fn yaml_template(case: &Case) -> String {
    let mut text = String::new();
    yaml(&template(case), 0, &mut text);
    text.trim_start().to_owned()
}

/// A value behind its key or dash, each part of it on a line of its own.
fn yaml(value: &Value, indent: usize, into: &mut String) {
    let before = " ".repeat(indent);
    match value {
        Value::Object(members) if members.is_empty() => into.push_str(" {}"),
        Value::Array(elements) if elements.is_empty() => into.push_str(" []"),
        Value::Object(members) => {
            for (key, value) in members {
                let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let key = if is_plain { key.clone() } else { format!("'{key}'") };
                write!(into, "\n{before}{key}:").unwrap();
                yaml(value, indent + 2, into);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                write!(into, "\n{before}-").unwrap();
                yaml(element, indent + 2, into);
            }
        }
        Value::String(text) => {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !text.bytes().all(|byte| byte.is_ascii_digit())
                && !matches!(text.as_str(), "true" | "false");
            let written = if is_plain { text.clone() } else { value.to_string() };
            write!(into, " {written}").unwrap();
        }
        other => write!(into, " {other}").unwrap(),
    }
    if indent == 0 {
        into.push('\n');
    }
}
