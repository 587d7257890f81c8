//! Which resources of CloudFormation carry documents, and where.

use std::collections::HashMap;

use copy_preflight_policy::source::Sources;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Member, Node, Value};

use super::intrinsics::Scope;
use crate::document::{Kind, Link, LinkKind, TemplateDocument};
use crate::image::Decoded;
use crate::problem::{ProblemKind, Problems};
use crate::tree::{to_text, unknown};

/// Where the documents of a type of resource stand.
struct Shape {
    /// Properties that hold one.
    documents: &'static [(&'static str, Kind)],
    /// Whether `Policies` lists more.
    has_policies: bool,
    links: &'static [(&'static str, LinkKind)],
    /// What the resource itself is.
    is: Option<LinkKind>,
}

const NONE: Shape = Shape { documents: &[], has_policies: false, links: &[], is: None };

const IDENTITY: Shape = Shape {
    documents: &[("PolicyDocument", Kind::IdentityPolicy)],
    links: &[
        ("PolicyName", LinkKind::Name),
        ("ManagedPolicyName", LinkKind::Name),
        ("RoleName", LinkKind::Role),
        ("Roles", LinkKind::Role),
        ("UserName", LinkKind::User),
        ("Users", LinkKind::User),
        ("GroupName", LinkKind::Group),
        ("Groups", LinkKind::Group),
    ],
    ..NONE
};

const VAULT: Shape = Shape {
    documents: &[("AccessPolicy", Kind::VaultPolicy)],
    links: &[("BackupVaultName", LinkKind::Vault)],
    is: Some(LinkKind::Vault),
    ..NONE
};

const KEY: Shape =
    Shape { documents: &[("KeyPolicy", Kind::KeyPolicy)], is: Some(LinkKind::Key), ..NONE };

const PLAN: Shape =
    Shape { documents: &[("BackupPlan", Kind::BackupPlan)], is: Some(LinkKind::Name), ..NONE };

fn shape(resource_type: &str) -> Option<Shape> {
    Some(match resource_type {
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => KEY,
        "AWS::Backup::BackupVault" | "AWS::Backup::LogicallyAirGappedBackupVault" => VAULT,
        "AWS::Backup::BackupPlan" => PLAN,
        "AWS::Organizations::Policy" => Shape {
            documents: &[("Content", Kind::OrganizationPolicy)],
            links: &[("Name", LinkKind::Name)],
            ..NONE
        },
        "AWS::IAM::Role" => Shape {
            documents: &[("AssumeRolePolicyDocument", Kind::TrustPolicy)],
            has_policies: true,
            links: &[("RoleName", LinkKind::Role)],
            is: Some(LinkKind::Role),
        },
        "AWS::IAM::User" => Shape {
            has_policies: true,
            links: &[("UserName", LinkKind::User)],
            is: Some(LinkKind::User),
            ..NONE
        },
        "AWS::IAM::Group" => Shape {
            has_policies: true,
            links: &[("GroupName", LinkKind::Group)],
            is: Some(LinkKind::Group),
            ..NONE
        },
        "AWS::IAM::Policy"
        | "AWS::IAM::ManagedPolicy"
        | "AWS::IAM::RolePolicy"
        | "AWS::IAM::UserPolicy"
        | "AWS::IAM::GroupPolicy" => IDENTITY,
        _ => return None,
    })
}

/// Adds the documents of all resources.
pub(super) fn documents(
    root: &Node,
    is_json: bool,
    (sources, problems): (&mut Sources, &mut Problems),
    into: &mut Vec<TemplateDocument>,
) {
    let resources = root.member("Resources").map(Node::members).unwrap_or_default();
    if resources.is_empty() {
        problems.add(ProblemKind::NoResources, root.span);
    }
    let (parameters, named) =
        (by_name(root.member("Parameters")), by_name(root.member("Resources")));
    let scope = Scope { parameters: &parameters, resources: &named, is_json };
    macros(root, problems);
    let mut reader = Reader { scope, sources, problems, into };
    for resource in resources {
        reader.resource(resource);
    }
}

/// The members of a section by their names; of two with one name the first.
fn by_name(section: Option<&Node>) -> HashMap<&str, &Node> {
    let mut named = HashMap::new();
    for member in section.map(Node::members).unwrap_or_default() {
        if let Some(name) = member.key.known() {
            named.entry(name).or_insert(&member.value);
        }
    }
    named
}

/// Tells the macros of a template; those of AWS keep the resources that are written.
fn macros(root: &Node, problems: &mut Problems) {
    let Some(transform) = root.member("Transform") else { return };
    let names = match &transform.value {
        Value::Array(elements) => elements.iter().collect(),
        _ => vec![transform],
    };
    for node in names {
        let name = node.as_str().or_else(|| node.member("Name").and_then(Node::as_str));
        if let Some(name) = name.filter(|name| !name.starts_with("AWS::")) {
            problems.add(ProblemKind::Macro(name.to_owned()), node.span);
        }
    }
}

struct Reader<'t, 's> {
    scope: Scope<'t>,
    sources: &'s mut Sources,
    problems: &'s mut Problems,
    into: &'s mut Vec<TemplateDocument>,
}

impl Reader<'_, '_> {
    fn resource(&mut self, resource: &Member) {
        let Some(address) = resource.key.known() else { return };
        if address.starts_with("Fn::ForEach") {
            self.problems.add(ProblemKind::Loop(address.to_owned()), resource.key_span);
            return;
        }
        let kind = resource.value.member("Type").and_then(Node::as_str);
        let Some(shape) = kind.and_then(shape) else { return };
        let Some(properties) = resource.value.member("Properties") else { return };
        let links = self.links(&shape, resource, properties);
        let conditional = resource.value.member("Condition").is_some();
        let mut found = Vec::new();
        let transform = properties
            .members()
            .iter()
            .find(|member| member.key.known().is_some_and(|key| key.starts_with("Fn::")));
        for (name, kind) in shape.documents {
            let decoded = match (properties.member(name), transform) {
                // It may put any property in its place.
                (_, Some(transform)) => Decoded::unknown(transform.key_span),
                (Some(node), None) => self.scope.document(node, self.sources, self.problems),
                (None, None) => continue,
            };
            let (kind, decoded) = match kind {
                Kind::OrganizationPolicy => {
                    let policy_type = properties.member("Type").and_then(Node::as_str);
                    (Kind::of_organization(policy_type), decoded)
                }
                Kind::BackupPlan => {
                    let node = api_form(decoded.node, true);
                    (Kind::BackupPlan, Decoded { node, ..decoded })
                }
                kind => (*kind, decoded),
            };
            found.push((kind, (*name).to_owned(), decoded));
        }
        if shape.has_policies {
            self.policies(properties, &mut found);
        }
        for (kind, property, Decoded { node, damage }) in found {
            // What is given no value is not given.
            if node.value != Value::Null {
                self.into.push(TemplateDocument {
                    kind,
                    address: address.to_owned(),
                    property,
                    resource: resource.key_span,
                    node,
                    damage,
                    conditional,
                    links: links.clone(),
                    assumed: Vec::new(),
                });
            }
        }
    }

    fn policies(&mut self, properties: &Node, into: &mut Vec<(Kind, String, Decoded)>) {
        let Some(list) = properties.member("Policies") else { return };
        let Value::Array(elements) = &list.value else {
            // A function gives the list.
            let node = unknown(list.span);
            into.push((Kind::IdentityPolicy, "Policies".to_owned(), Decoded::whole(node)));
            return;
        };
        for (index, element) in elements.iter().enumerate() {
            let decoded = match element.member("PolicyDocument") {
                Some(node) => self.scope.document(node, self.sources, self.problems),
                // `Fn::If` around a policy, or the value that is none.
                None => match self.scope.resolve(element) {
                    Some(Node { value: Value::Unknown, span }) => Decoded::unknown(span),
                    _ => continue,
                },
            };
            let property = format!("Policies[{index}].PolicyDocument");
            into.push((Kind::IdentityPolicy, property, decoded));
        }
    }

    fn links(&self, shape: &Shape, resource: &Member, properties: &Node) -> Vec<Link> {
        let own = || resource.key.known().map(str::to_owned);
        let mut links = Vec::new();
        for (property, kind) in shape.links {
            let Some(node) = properties.member(property) else { continue };
            let is_own = shape.is == Some(*kind);
            let nodes = match &node.value {
                Value::Array(elements) => elements.iter().collect(),
                _ => vec![node],
            };
            for node in nodes {
                let Some(value) = self.scope.resolve(node) else { continue };
                let resource = if is_own { own() } else { self.referenced(node) };
                links.push(Link { kind: *kind, text: to_text(&value), resource, span: node.span });
            }
        }
        if let Some(is) = shape.is
            && !links.iter().any(|link| link.kind == is)
        {
            // The plan is named inside of itself.
            let plan =
                properties.member("BackupPlan").and_then(|plan| plan.member("BackupPlanName"));
            let named = plan.filter(|_| is == LinkKind::Name);
            let value = named.and_then(|name| self.scope.resolve(name));
            links.push(Link {
                kind: is,
                text: value.as_ref().map_or_else(Text::unknown, to_text),
                resource: own(),
                span: named.map_or(resource.key_span, |name| name.span),
            });
        }
        links
    }

    /// The resource of the template that `Ref` names.
    fn referenced(&self, node: &Node) -> Option<String> {
        let name = node.member("Ref").and_then(Node::as_str)?;
        self.scope.resources.contains_key(name).then(|| name.to_owned())
    }
}

/// A plan with the names of the API, which differ in two places.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-backup-backupplan-backupplanresourcetype.html>
fn api_form(plan: Node, is_plan: bool) -> Node {
    let Value::Object(members) = plan.value else { return plan };
    let members = members.into_iter().map(|member| match member.key.known() {
        Some("BackupPlanRule") if is_plan => {
            let value = match member.value.value {
                Value::Array(rules) => {
                    Value::Array(rules.into_iter().map(|rule| api_form(rule, false)).collect())
                }
                other => other,
            };
            let value = Node { span: member.value.span, value };
            Member { key: "Rules".into(), key_span: member.key_span, value }
        }
        Some("TargetBackupVault") if !is_plan => {
            Member { key: "TargetBackupVaultName".into(), ..member }
        }
        _ => member,
    });
    Node { span: plan.span, value: Value::Object(members.collect()) }
}
