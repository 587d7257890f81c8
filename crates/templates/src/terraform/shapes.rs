//! Which resources of Terraform carry documents, and where.

use crate::document::{Kind, LinkKind};

/// A type of resource.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Attributes that hold a document as JSON text.
    pub(crate) documents: &'static [(&'static str, Carries)],
    /// Blocks with such an attribute: the block, the attribute.
    pub(crate) blocks: &'static [(&'static str, &'static str, Kind)],
    /// Attributes that say what the documents belong to.
    pub(crate) links: &'static [(&'static str, LinkKind)],
    /// What the resource itself is, which its documents belong to.
    pub(crate) is: Option<LinkKind>,
    /// The resource is a backup plan.
    pub(crate) is_plan: bool,
}

/// What an attribute carries.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Carries {
    /// Always the same.
    Kind(Kind),
    /// What the attribute `type` says.
    OrganizationPolicy,
}

const NONE: Shape = Shape { documents: &[], blocks: &[], links: &[], is: None, is_plan: false };

const KEY: Shape = Shape {
    documents: &[("policy", Carries::Kind(Kind::KeyPolicy))],
    is: Some(LinkKind::Key),
    ..NONE
};

const IDENTITY: Shape =
    Shape { documents: &[("policy", Carries::Kind(Kind::IdentityPolicy))], ..NONE };

/// The types that carry documents.
static SHAPES: [(&str, Shape); 13] = [
    ("aws_kms_key", KEY),
    ("aws_kms_external_key", KEY),
    ("aws_kms_replica_key", KEY),
    ("aws_kms_replica_external_key", KEY),
    ("aws_kms_key_policy", Shape { links: &[("key_id", LinkKind::Key)], is: None, ..KEY }),
    (
        "aws_backup_vault_policy",
        Shape {
            documents: &[("policy", Carries::Kind(Kind::VaultPolicy))],
            links: &[("backup_vault_name", LinkKind::Vault)],
            ..NONE
        },
    ),
    ("aws_backup_plan", Shape { links: &[("name", LinkKind::Name)], is_plan: true, ..NONE }),
    (
        "aws_organizations_policy",
        Shape {
            documents: &[("content", Carries::OrganizationPolicy)],
            links: &[("name", LinkKind::Name)],
            ..NONE
        },
    ),
    (
        "aws_iam_role",
        Shape {
            documents: &[("assume_role_policy", Carries::Kind(Kind::TrustPolicy))],
            blocks: &[("inline_policy", "policy", Kind::IdentityPolicy)],
            links: &[("name", LinkKind::Role)],
            is: Some(LinkKind::Role),
            ..NONE
        },
    ),
    (
        "aws_iam_role_policy",
        Shape { links: &[("role", LinkKind::Role), ("name", LinkKind::Name)], ..IDENTITY },
    ),
    (
        "aws_iam_user_policy",
        Shape { links: &[("user", LinkKind::User), ("name", LinkKind::Name)], ..IDENTITY },
    ),
    (
        "aws_iam_group_policy",
        Shape { links: &[("group", LinkKind::Group), ("name", LinkKind::Name)], ..IDENTITY },
    ),
    ("aws_iam_policy", Shape { links: &[("name", LinkKind::Name)], ..IDENTITY }),
];

/// The shape of this type of resource, where it carries documents.
pub(crate) fn shape(resource_type: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|(name, _)| *name == resource_type).map(|(_, shape)| shape)
}
