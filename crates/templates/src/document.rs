//! What a template gives.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::Node;

use crate::problem::Problem;

/// What stands in the files of a template.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// The documents, file by file.
    pub documents: Vec<TemplateDocument>,
    /// What is wrong with the files, and what of them was not read.
    pub problems: Vec<Problem>,
    /// The comments of the files, for those that speak to the linter.
    pub comments: Vec<Comment>,
}

/// A document that a resource of a template carries.
#[derive(Debug, Clone)]
pub struct TemplateDocument {
    /// What the document is.
    pub kind: Kind,
    /// The resource: `module.x.aws_kms_key.main`, or a logical id.
    pub address: String,
    /// Where in the resource: `policy`, `inline_policy[0].policy`, `Policies[1].PolicyDocument`.
    pub property: String,
    /// Where the template names the resource.
    pub resource: Span,
    /// The document. [`Value::Unknown`](copy_preflight_policy::tree::Value::Unknown) where the
    /// template does not settle it.
    pub node: Node,
    /// The first mistake in the text of the document, where it could not be read as a whole.
    pub damage: Option<Span>,
    /// The template may leave the resource out, or make several of it.
    pub conditional: bool,
    /// What the document belongs to, where the template says so.
    pub links: Vec<Link>,
    /// Values that stand in the document although someone else may set others.
    pub assumed: Vec<Assumed>,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The policy of a KMS key.
    KeyPolicy,
    /// The access policy of a backup vault.
    VaultPolicy,
    /// A policy of a role, a user or a group, or one that can be attached to them.
    IdentityPolicy,
    /// Who may assume a role.
    TrustPolicy,
    /// A service control policy.
    ServiceControlPolicy,
    /// A resource control policy.
    ResourceControlPolicy,
    /// An organization's backup policy.
    BackupPolicy,
    /// An organization's tag policy.
    TagPolicy,
    /// An organization's policy of another type, or of one that the template does not settle.
    OrganizationPolicy,
    /// A backup plan, with the members that the API gives them.
    BackupPlan,
    /// A policy document that no resource of these files uses: it may be any kind of IAM policy.
    UnplacedPolicy,
}

impl Kind {
    /// The kind of an organization's policy of this type, as the API names types.
    #[must_use]
    pub fn of_organization(policy_type: Option<&str>) -> Self {
        match policy_type {
            Some("SERVICE_CONTROL_POLICY") => Self::ServiceControlPolicy,
            Some("RESOURCE_CONTROL_POLICY") => Self::ResourceControlPolicy,
            Some("BACKUP_POLICY") => Self::BackupPolicy,
            Some("TAG_POLICY") => Self::TagPolicy,
            _ => Self::OrganizationPolicy,
        }
    }
}

/// What a document belongs to.
#[derive(Debug, Clone)]
pub struct Link {
    /// What kind of thing.
    pub kind: LinkKind,
    /// Its name, id or ARN as the template writes it; with gaps where it does not settle it.
    pub text: Text,
    /// The resource of the template that it is, by its address.
    pub resource: Option<String>,
    /// Where the template says so.
    pub span: Span,
}

/// What a document can belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// A key, by id or ARN.
    Key,
    /// A backup vault, by name.
    Vault,
    /// A role, by name.
    Role,
    /// A user, by name.
    User,
    /// A group, by name.
    Group,
    /// The name of the policy or plan itself.
    Name,
}

/// A value that the template proposes and a caller may replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// The variable.
    pub variable: String,
    /// Where its value stands.
    pub span: Span,
}

/// A comment of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The comment with the characters that open and close it.
    pub span: Span,
    /// What it says.
    pub text: String,
    /// Nothing but white space stands before it on its line.
    pub own_line: bool,
}
