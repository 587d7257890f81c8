//! The limits of AWS that policies are held against, out of the facts.

use copy_preflight_policy::management::{backup, tag};

use crate::facts::Facts;

/// The most that AWS takes; `None` where the facts do not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of effective backup policies.
    pub backup: backup::Limits,
    /// Of effective tag policies.
    pub tag: tag::Limits,
    /// Characters of a policy, white space included where an SDK or the CLI saves it.
    pub characters: Option<usize>,
    /// Policies of one type on a root, OU or account.
    pub attached: Option<usize>,
}

impl Limits {
    /// The limits that the facts hold.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let limit = |id: &str| {
            let limit = facts.row(id).and_then(|row| row.number("limit"));
            limit.and_then(|limit| usize::try_from(limit).ok())
        };
        Self {
            backup: backup::Limits {
                rules: limit("prerequisites-quota-rules-in-plan"),
                copy_actions: limit("prerequisites-quota-copy-actions-in-rule"),
                tag_selections: limit("backup-policies-limit-tag-selections"),
                resource_selections: limit("backup-policies-limit-selections"),
                conditions: limit("backup-policies-limit-conditions"),
                recovery_point_tags: limit("backup-policies-limit-recovery-point-tags"),
            },
            tag: tag::Limits { required_keys: limit("tag-policies-limit-required-keys") },
            characters: limit("backup-policies-limit-characters"),
            attached: limit("backup-policies-limit-attached"),
        }
    }
}
