//! The texts of AWS managed policies: `managed-policies.toml`.

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::json;
use copy_preflight_policy::source::SourceId;

use super::row::{FactsError, Row};

/// An AWS managed policy.
#[derive(Debug, Clone)]
pub struct ManagedPolicy {
    /// The id of the row.
    pub fact: String,
    /// The name of the policy.
    pub name: String,
    /// Its ARN in the partition `aws`.
    pub arn: String,
    /// The version, such as `v31`.
    pub version: String,
    /// The policy.
    pub policy: Policy,
}

impl ManagedPolicy {
    pub(super) fn read(row: &Row) -> Result<Self, FactsError> {
        let policy = parse(row.need_text("policy")?);
        if let Some(doubt) = &policy.doubt {
            return Err(FactsError::new(&row.table, &row.id, doubt.kind.to_string()));
        }
        Ok(Self {
            fact: row.id.clone(),
            name: row.need_text("name")?.to_owned(),
            arn: row.need_text("arn")?.to_owned(),
            version: row.need_text("version")?.to_owned(),
            policy,
        })
    }
}

/// Reads a policy that no label will ever point into.
pub(super) fn parse(text: &str) -> Policy {
    let reading = json::read(SourceId::new(u32::MAX), text);
    let damage = reading.problems.iter().find(|problem| problem.kind.is_syntax());
    let integrity = damage.map_or(Integrity::Whole, |problem| Integrity::Damaged(problem.span));
    Policy::read(&reading.root, integrity)
}
