//! The subject of the rules: one planned copy.

use std::fmt::Write as _;

use crate::arn::{CallerArn, KeyArn, RoleArn, VaultArn};

/// One copy that may be made: from where, to where, of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCopy {
    /// Where the plan of this copy stands.
    pub from: From,
    /// The vault that the copy leaves.
    pub source: VaultArn,
    /// The vault that the copy enters.
    pub destination: VaultArn,
    /// The resource type, in the spelling of AWS Backup's API; `None` where it is not known.
    pub resource_type: Option<String>,
    /// The variant of the type, as the facts name it; `None` where it is not known.
    pub variant: Option<String>,
    /// The recovery point; `None` for one that does not exist yet.
    pub recovery_point: Option<String>,
    /// The keys that encrypt the source of a type that is not fully managed.
    pub source_keys: SourceKeys,
    /// The role that AWS Backup assumes in the source account; `None` where it is not known.
    pub role: Option<RoleArn>,
    /// Who starts the copy job; `None` where nobody is named, as for a plan.
    pub caller: Option<CallerArn>,
    /// The lifecycle of the copy.
    pub lifecycle: Lifecycle,
    /// The lifecycle of the source, where a plan tells it: one without days never expires.
    pub source_lifecycle: Option<Lifecycle>,
    /// How large the plan is, where the copy stands in one.
    pub plan_size: Option<PlanSize>,
}

/// Counts in a backup plan; `None` where the file does not make clear how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanSize {
    /// The rules of the plan.
    pub rules: Option<usize>,
    /// The copy actions of the rule that plans the copy.
    pub copy_actions_in_rule: Option<usize>,
}

/// Where a planned copy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// The kind of document.
    pub kind: FromKind,
    /// The name of the plan or policy.
    pub name: Option<String>,
    /// The name of the rule in it.
    pub rule: Option<String>,
}

/// Kinds of documents that plan copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromKind {
    /// The command line.
    Flags,
    /// A backup plan.
    Plan,
    /// A copy job.
    Job,
}

/// The keys under which the source is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKeys {
    /// Nobody said; a recovery point may show them.
    NotGiven,
    /// The source is not encrypted.
    Unencrypted,
    /// These keys; an image has one for each of its volumes.
    Given(Vec<KeyArn>),
}

/// How long the copy is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lifecycle {
    /// Days until deletion; `-1` keeps the source's expiry, `None` inherits the source's
    /// lifecycle.
    pub delete_after_days: Option<i64>,
    /// Days until the move to cold storage.
    pub cold_after_days: Option<i64>,
}

impl PlannedCopy {
    /// Whether the copy crosses accounts.
    #[must_use]
    pub fn is_cross_account(&self) -> bool {
        self.source.account != self.destination.account
    }

    /// Whether the copy crosses Regions.
    #[must_use]
    pub fn is_cross_region(&self) -> bool {
        self.source.region != self.destination.region
    }

    /// An id that is the same for the same planned copy, in this run and in others.
    #[must_use]
    pub fn id(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{}|{}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}",
            self.source,
            self.destination,
            self.resource_type,
            self.variant,
            self.recovery_point,
            self.source_keys,
            self.role.as_ref().map(ToString::to_string),
            self.lifecycle,
            self.from.name,
            self.from.rule,
        );
        // Left out where nobody is named, so that a copy keeps its id.
        if let Some(caller) = &self.caller {
            let _ = write!(text, "|{caller}");
        }
        format!("copy-{:016x}", fnv1a(text.as_bytes()))
    }
}

/// FNV-1a, 64 bits: stable over versions of the compiler, which the standard hasher is not.
#[must_use]
pub fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
