//! What a document is.

use copy_preflight_policy::iam::statement::PolicyKind;

/// Kinds of documents that are judged by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// The policy of a KMS key.
    KeyPolicy,
    /// The access policy of a backup vault.
    VaultPolicy,
    /// The policy of another resource.
    ResourcePolicy,
    /// A policy of a role, user or group.
    IdentityPolicy,
    /// The trust policy of a role.
    TrustPolicy,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A backup policy of an organization.
    BackupPolicy,
    /// A tag policy of an organization.
    TagPolicy,
    /// A backup plan.
    BackupPlan,
}

/// The kinds whose language is that of IAM.
pub(crate) const IAM: &[DocumentKind] = &[
    DocumentKind::KeyPolicy,
    DocumentKind::VaultPolicy,
    DocumentKind::ResourcePolicy,
    DocumentKind::IdentityPolicy,
    DocumentKind::TrustPolicy,
    DocumentKind::Scp,
    DocumentKind::Rcp,
];

/// The policies that stand on a resource, and say whom they are about.
pub(crate) const ON_RESOURCES: &[DocumentKind] = &[
    DocumentKind::KeyPolicy,
    DocumentKind::VaultPolicy,
    DocumentKind::ResourcePolicy,
    DocumentKind::TrustPolicy,
];

impl DocumentKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::KeyPolicy,
        Self::VaultPolicy,
        Self::ResourcePolicy,
        Self::IdentityPolicy,
        Self::TrustPolicy,
        Self::Scp,
        Self::Rcp,
        Self::BackupPolicy,
        Self::TagPolicy,
        Self::BackupPlan,
    ];

    /// The word in flags and output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::KeyPolicy => "key-policy",
            Self::VaultPolicy => "vault-policy",
            Self::ResourcePolicy => "resource-policy",
            Self::IdentityPolicy => "identity-policy",
            Self::TrustPolicy => "trust-policy",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::BackupPolicy => "backup-policy",
            Self::TagPolicy => "tag-policy",
            Self::BackupPlan => "backup-plan",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What it is, in a sentence.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::KeyPolicy => "a key policy",
            Self::VaultPolicy => "a vault access policy",
            Self::ResourcePolicy => "a resource policy",
            Self::IdentityPolicy => "an identity policy",
            Self::TrustPolicy => "a trust policy",
            Self::Scp => "a service control policy",
            Self::Rcp => "a resource control policy",
            Self::BackupPolicy => "a backup policy",
            Self::TagPolicy => "a tag policy",
            Self::BackupPlan => "a backup plan",
        }
    }

    /// How the evaluator treats it; `None` for documents of other languages.
    #[must_use]
    pub fn policy_kind(self) -> Option<PolicyKind> {
        Some(match self {
            Self::KeyPolicy => PolicyKind::Key,
            Self::VaultPolicy => PolicyKind::Vault,
            Self::ResourcePolicy => PolicyKind::Resource,
            Self::IdentityPolicy => PolicyKind::Identity,
            Self::TrustPolicy => PolicyKind::Trust,
            Self::Scp => PolicyKind::Scp,
            Self::Rcp => PolicyKind::Rcp,
            Self::BackupPolicy | Self::TagPolicy | Self::BackupPlan => return None,
        })
    }

    /// Whether its statements say whom they are about.
    #[must_use]
    pub(crate) fn has_principal(self) -> bool {
        ON_RESOURCES.contains(&self) || self == Self::Rcp
    }
}
