//! The selections of a backup plan: under which role it copies resources of which types.

use std::collections::BTreeSet;

use copy_preflight_policy::tree::{Node, Value};

use crate::arn::RoleArn;
use crate::facts::Facts;

/// What one selection tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    /// The role of its backups and copies.
    pub(super) role: Option<RoleArn>,
    /// The types that its resources can be of; `None` where they do not tell.
    pub(super) types: Option<BTreeSet<Selected>>,
}

/// A type that a resource can be of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Selected {
    pub(super) resource_type: String,
    /// The variant, where the form of the ARN tells it.
    pub(super) variant: Option<String>,
}

/// A value that could not be read, and what is wrong with it.
pub(super) struct Fault<'a> {
    pub(super) node: &'a Node,
    pub(super) message: String,
}

/// Reads the selections in the answer: under `BackupSelections` or `BackupSelection`, one or a
/// list, each as `backup get-backup-selection` answers it or the selection itself.
pub(super) fn read<'a>(
    root: &'a Node,
    facts: &Facts,
    faults: &mut Vec<Fault<'a>>,
) -> Vec<Selection> {
    let members = ["BackupSelections", "BackupSelection"];
    let mut selections = Vec::new();
    for node in members.iter().filter_map(|member| root.member(member)) {
        let list = match &node.value {
            Value::Array(elements) => elements.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for entry in list {
            let selection = entry.member("BackupSelection").unwrap_or(entry);
            if selection.members().is_empty() {
                let message = format!("a selection is an object, not {}", selection.kind());
                faults.push(Fault { node: selection, message });
                continue;
            }
            selections.push(one(selection, facts, faults));
        }
    }
    selections
}

fn one<'a>(selection: &'a Node, facts: &Facts, faults: &mut Vec<Fault<'a>>) -> Selection {
    let role = selection.member("IamRoleArn").and_then(|node| {
        let fault = match node.as_str().map(str::parse::<RoleArn>) {
            Some(Ok(role)) => return Some(role),
            Some(Err(fault)) => fault.to_string(),
            None => format!("`IamRoleArn` is a string, not {}", node.kind()),
        };
        faults.push(Fault { node, message: fault });
        None
    });
    Selection { role, types: types(selection, facts) }
}

/// The types of all resources; `None` where one of them can be of any type. What `NotResources`
/// and conditions take out again is kept: it may be judged for nothing, never left out.
fn types(selection: &Node, facts: &Facts) -> Option<BTreeSet<Selected>> {
    types_of_all(facts, selection.member("Resources")?.elements().iter().map(Node::as_str))
}

/// The types that ARNs can stand for; `None` for any, and where one is not known.
pub(super) fn types_of_all<'a>(
    facts: &Facts,
    arns: impl Iterator<Item = Option<&'a str>>,
) -> Option<BTreeSet<Selected>> {
    let mut types = BTreeSet::new();
    for arn in arns {
        types.extend(types_of(facts, arn?)?);
    }
    (!types.is_empty()).then_some(types)
}

/// The types that an ARN, perhaps with wildcards, can stand for; `None` for any.
pub(super) fn types_of(facts: &Facts, arn: &str) -> Option<BTreeSet<Selected>> {
    let row = facts.row("prerequisites-selection-resource-arns")?;
    let mut parts = arn.splitn(6, ':');
    if parts.next() != Some("arn") {
        return None;
    }
    let service = parts.nth(1)?;
    let resource = parts.nth(2).unwrap_or("*");
    let wildcard = |text: &str| text.find(['*', '?']);
    if wildcard(service).is_some() {
        return None;
    }
    let known = match wildcard(resource) {
        Some(at) => resource.get(..at).unwrap_or_default(),
        None => resource,
    };
    let open = known.len() < resource.len();
    let types: BTreeSet<Selected> = row
        .strings("forms")
        .filter_map(|form| {
            let mut cells = form.split('|');
            let (of, begins, named) = (cells.next()?, cells.next()?, cells.next()?);
            let meant = known.starts_with(begins) || (open && begins.starts_with(known));
            (of == service && meant).then(|| Selected {
                resource_type: named.to_owned(),
                variant: cells.next().map(str::to_owned),
            })
        })
        .collect();
    // An ARN of a form that the facts do not know may be of any type.
    (!types.is_empty()).then_some(types)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_by_arn() {
        let facts = Facts::embedded().unwrap();
        let told = |arn: &str| {
            types_of(&facts, arn).map(|types| {
                let names: Vec<String> = types.into_iter().map(|one| one.resource_type).collect();
                names.join(",")
            })
        };
        for (arn, types) in [
            ("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", Some("EBS")),
            ("arn:aws:ec2:*:*:instance/*", Some("EC2")),
            ("arn:aws:ec2:*:*:*", Some("EBS,EC2")),
            ("arn:aws:ec2:*", Some("EBS,EC2")),
            ("arn:aws:rds:*:*:db:*", Some("RDS")),
            ("arn:aws:rds:*:*:cluster:orders", Some("Aurora,DocumentDB,Neptune,RDS")),
            ("arn:aws:s3:::orders", Some("S3")),
            ("arn:aws:dynamodb:*:*:table/*", Some("DynamoDB")),
            ("*", None),
            ("arn:aws:*:*:*:*", None),
            ("arn:aws:sqs:*:*:orders", None),
        ] {
            assert_eq!(told(arn).as_deref(), types, "{arn}");
        }
    }
}
