//! `permissions`: the IAM policies that a live run needs, from the table of calls.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use copy_preflight_rules::inputs::{CALLS, Side};
use serde::Serialize;

use super::Failure;
use crate::Exit;
use crate::args::{ListFormat, PermissionsArgs};
use crate::output::human::Style;
use crate::output::plain::wrapped;

#[derive(Debug, Serialize)]
struct PermissionsJson {
    source: PolicyJson,
    destination: PolicyJson,
    management: PolicyJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<TrustPolicyJson>,
}

/// An IAM policy, in the spelling of IAM.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyJson {
    version: &'static str,
    statement: Vec<StatementJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StatementJson {
    effect: &'static str,
    action: Vec<&'static str>,
    resource: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TrustPolicyJson {
    version: &'static str,
    statement: [TrustStatementJson; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TrustStatementJson {
    effect: &'static str,
    principal: PrincipalJson,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<ConditionJson>,
}

#[derive(Debug, Serialize)]
struct PrincipalJson {
    #[serde(rename = "AWS")]
    aws: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ConditionJson {
    string_equals: BTreeMap<&'static str, String>,
}

/// The version of the policy language.
const VERSION: &str = "2012-10-17";

pub(super) fn run(
    args: PermissionsArgs,
    output: &mut dyn Write,
    style: Style,
) -> Result<Exit, Failure> {
    let partition = args.partition;
    let [source, destination, management] = Side::ALL.map(|side| policy(side, &partition));
    let trust = args.trust.map(|account| trust(&account, args.external_id, &partition));
    let policies = PermissionsJson { source, destination, management, trust };
    let text = match args.format {
        ListFormat::Json => super::pretty(&policies)?,
        ListFormat::Human => human(&policies, style)?,
    };
    output.write_all(text.as_bytes()).map_err(Failure::output)?;
    Ok(Exit::Fine)
}

/// What is needed in an account that plays a part: a statement for each kind of resource.
fn policy(side: Side, partition: &str) -> PolicyJson {
    let mut by_resource: BTreeMap<&str, Vec<&'static str>> = BTreeMap::new();
    for call in CALLS.iter().filter(|call| call.sides.contains(&side)) {
        by_resource.entry(call.resource).or_default().push(call.permission);
    }
    let statement = by_resource
        .into_iter()
        .map(|(resource, mut action)| {
            action.sort_unstable();
            let resource = resource.replace("PARTITION", partition);
            StatementJson { effect: "Allow", action, resource }
        })
        .collect();
    PolicyJson { version: VERSION, statement }
}

fn trust(account: &str, external_id: Option<String>, partition: &str) -> TrustPolicyJson {
    let statement = TrustStatementJson {
        effect: "Allow",
        principal: PrincipalJson { aws: format!("arn:{partition}:iam::{account}:root") },
        action: "sts:AssumeRole",
        condition: external_id
            .map(|id| ConditionJson { string_equals: BTreeMap::from([("sts:ExternalId", id)]) }),
    };
    TrustPolicyJson { version: VERSION, statement: [statement] }
}

fn human(policies: &PermissionsJson, style: Style) -> Result<String, Failure> {
    let mut text = String::new();
    let parts = [
        ("source account: for the role or user that reads there", &policies.source),
        ("destination account: for the role or user that reads there", &policies.destination),
        (
            "management account of the organization: for the role or user that reads there",
            &policies.management,
        ),
    ];
    for (title, policy) in parts {
        text.push_str(&wrapped("# ", "# ", title, style.width));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", super::pretty(policy)?);
    }
    if let Some(trust) = &policies.trust {
        text.push_str("# trust policy of the role that is assumed, the same in each account\n");
        let _ = writeln!(text, "{}", super::pretty(trust)?);
    }
    for note in [
        "An account that plays two parts needs both policies.",
        "sts:GetCallerIdentity is asked first in each account: it needs no permission. Who \
         assumes roles needs sts:AssumeRole on each of them in a policy of their own.",
        "Calls of account, ec2, fsx and rds are made by the commands that `snapshot check` prints, \
         by nothing else: leave them out where nobody runs those.",
        "backup:ListBackupPlans is asked by `snapshot take --account`, backup:ListCopyJobs and \
         sts:DecodeAuthorizationMessage by `explain`: leave them out where nobody runs those.",
        "Everything here reads. Nothing is ever changed.",
    ] {
        text.push_str(&wrapped("# ", "# ", note, style.width));
    }
    Ok(text)
}
