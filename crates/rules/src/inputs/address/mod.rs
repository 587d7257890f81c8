//! Addresses: which answer of which API, about what, asked where.
//!
//! One table for everything that is read: the file in a snapshot, the call that fetches it, the
//! permission that the call needs, and the command that a person runs.

mod call;
mod path;

pub use call::{Call, quoted};
pub use path::encode_name;

use super::api::ApiCall;
use crate::arn::{KeyArn, RoleArn, VaultArn};

/// One answer of AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `organizations describe-organization`, asked in an account.
    Organization {
        /// The account that asks.
        account: String,
    },
    /// `organizations list-accounts`, asked in the management account.
    OrganizationAccounts,
    /// The parent of each account and OU.
    OrganizationTree,
    /// `organizations list-roots`.
    OrganizationRoots,
    /// The ids of all organization policies: `organizations list-policies` of each type, in a
    /// snapshot the files of the folder.
    OrganizationPolicies,
    /// `organizations describe-policy`.
    OrganizationPolicy {
        /// The id of the policy, `p-…`.
        id: String,
    },
    /// `organizations list-targets-for-policy`.
    OrganizationPolicyTargets {
        /// The id of the policy.
        id: String,
    },
    /// `account list-regions`.
    Regions {
        /// The account whose Regions they are.
        account: String,
    },
    /// `backup describe-region-settings`.
    RegionSettings {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// `backup list-backup-vaults`.
    Vaults {
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
    /// A describe answer of another service, such as EC2 or RDS.
    Service {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The folder: the service's name in the CLI.
        service: &'static str,
        /// The file in it, perhaps in a folder.
        name: String,
        /// The call that answers.
        api: &'static ApiCall,
        /// What a person runs, without the Region.
        command: String,
    },
    /// `backup describe-global-settings`, asked in the management account.
    GlobalSettings,
    /// `organizations list-aws-service-access-for-organization`.
    ServiceAccess,
    /// `organizations list-delegated-administrators` of AWS Backup.
    DelegatedAdministrators,
    /// `organizations list-accounts-with-invalid-effective-policy`.
    InvalidEffectivePolicies {
        /// The policy type, such as `BACKUP_POLICY`.
        policy_type: String,
    },
    /// `organizations describe-effective-policy`.
    EffectivePolicy {
        /// The account whose policy it is.
        account: String,
        /// The policy type, such as `TAG_POLICY`.
        policy_type: String,
    },
    /// `backup describe-backup-vault`.
    Vault(VaultArn),
    /// `backup get-backup-vault-access-policy`.
    VaultPolicy(VaultArn),
    /// `backup list-tags` of a vault.
    VaultTags(VaultArn),
    /// `backup list-recovery-points-by-backup-vault`.
    RecoveryPoints(VaultArn),
    /// `backup describe-recovery-point`.
    RecoveryPoint {
        /// The vault it is in.
        vault: VaultArn,
        /// Its ARN.
        arn: String,
    },
    /// The tags of a recovery point, from the service that keeps them.
    RecoveryPointTags {
        /// The vault it is in.
        vault: VaultArn,
        /// Its ARN.
        arn: String,
    },
    /// `backup get-backup-plan`.
    BackupPlan {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the plan.
        id: String,
    },
    /// `backup list-backup-selections`, in a snapshot the files of the folder.
    BackupSelections {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the plan.
        plan: String,
    },
    /// `backup get-backup-selection`.
    BackupSelection {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the plan.
        plan: String,
        /// The id of the selection.
        id: String,
    },
    /// `backup describe-copy-job`.
    CopyJob {
        /// The account.
        account: String,
        /// The Region.
        region: String,
        /// The id of the job.
        id: String,
    },
    /// `kms describe-key`.
    Key(KeyArn),
    /// `kms get-key-policy`.
    KeyPolicy(KeyArn),
    /// `kms list-grants`.
    KeyGrants(KeyArn),
    /// `kms list-resource-tags`.
    KeyTags(KeyArn),
    /// `kms list-aliases` of a key.
    KeyAliases(KeyArn),
    /// `iam get-role`.
    Role(RoleArn),
    /// `iam list-attached-role-policies`.
    RoleAttached(RoleArn),
    /// `iam list-role-policies`.
    RoleInline(RoleArn),
    /// `iam get-policy-version` or `iam get-role-policy`.
    RolePolicy {
        /// The role.
        role: RoleArn,
        /// The ARN of a managed policy, or `inline:` and the name.
        policy: String,
    },
}

/// A list of which each entry has an id.
#[derive(Debug, Clone, Copy)]
pub(super) enum Listing {
    /// The members of the answer, by their keys.
    Members,
    /// The elements of a list, by a member of each.
    Elements {
        /// The member that holds the list.
        list: &'static str,
        /// The member of an element that holds its id.
        id: &'static str,
    },
}

impl Address {
    /// Whether a snapshot has a folder in its place: the files in it are the list.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::OrganizationPolicies | Self::BackupSelections { .. })
    }

    /// Where in the answer a policy document stands.
    pub(super) fn policy_member(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::VaultPolicy(_) | Self::KeyPolicy(_) => Some(&["Policy"]),
            Self::Role(_) => Some(&["Role", "AssumeRolePolicyDocument"]),
            Self::RolePolicy { policy, .. } if policy.starts_with("inline:") => {
                Some(&["PolicyDocument"])
            }
            Self::RolePolicy { .. } => Some(&["PolicyVersion", "Document"]),
            Self::EffectivePolicy { .. } => Some(&["EffectivePolicy", "PolicyContent"]),
            Self::OrganizationPolicy { .. } => Some(&["Policy", "Content"]),
            _ => None,
        }
    }

    /// The list in the answer that is searched by the ids of accounts and OUs, which may be many.
    pub(super) fn listing(&self) -> Option<Listing> {
        match self {
            Self::OrganizationTree => Some(Listing::Members),
            Self::OrganizationAccounts => Some(Listing::Elements { list: "Accounts", id: "Id" }),
            Self::OrganizationPolicyTargets { .. } => {
                Some(Listing::Elements { list: "Targets", id: "TargetId" })
            }
            Self::InvalidEffectivePolicies { .. } => {
                Some(Listing::Elements { list: "Accounts", id: "Id" })
            }
            _ => None,
        }
    }

    /// Whether the error code means that the thing does not exist.
    pub(super) fn is_absence(&self, code: &str) -> bool {
        let code = code.strip_suffix("Exception").unwrap_or(code);
        match self {
            Self::Organization { .. } => code == "AWSOrganizationsNotInUse",
            Self::EffectivePolicy { .. } => code == "EffectivePolicyNotFound",
            Self::Key(_) | Self::KeyPolicy(_) | Self::KeyGrants(_) => code == "NotFound",
            Self::Role(_)
            | Self::RoleAttached(_)
            | Self::RoleInline(_)
            | Self::RolePolicy { .. } => code == "NoSuchEntity",
            // The other services name the thing: `OptionGroupNotFoundFault`.
            Self::Service { .. } => code.contains("NotFound"),
            _ => code == "ResourceNotFound",
        }
    }
}

#[cfg(test)]
mod tests;
