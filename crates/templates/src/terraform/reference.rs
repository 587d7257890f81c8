//! References: to locals, variables, resources, data.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Node, Value};
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::Block;

use super::evaluate::Evaluator;
use super::module::At;
use crate::document::Assumed;
use crate::image::Decoded;
use crate::tree::{arn, joined, string, to_text, unknown};

/// The longest path that means something: `data.TYPE.NAME.ATTRIBUTE`.
const LONGEST: usize = 4;

/// What a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target<'t> {
    Local(&'t str),
    Variable(&'t str),
    /// Type, name and attribute of a data source.
    Data(&'t str, &'t str, &'t str),
    /// Type, name and attribute of a resource.
    Resource(&'t str, &'t str, &'t str),
    Other,
}

/// The names at the beginning of a path, and how many operators they take. An index behind a
/// resource or data source chooses one of several that the same block makes.
fn names(traversal: &Traversal) -> (Vec<&str>, usize) {
    let Expression::Variable(root) = &traversal.expr else { return (Vec::new(), 0) };
    let mut names = vec![root.as_str()];
    let mut taken = 0;
    let is_pair = |root: &str| matches!(root, "local" | "var");
    for operator in &traversal.operators {
        let longest = match names.first() {
            Some(root) if is_pair(root) => 2,
            Some(&"data") => LONGEST,
            _ => LONGEST - 1,
        };
        if names.len() >= longest {
            break;
        }
        match operator.value() {
            TraversalOperator::GetAttr(name) => names.push(name.as_str()),
            TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_)
                if names.len() == longest - 1 && longest > 2 => {}
            _ => break,
        }
        taken += 1;
    }
    (names, taken)
}

fn target(traversal: &Traversal) -> (Target<'_>, &[hcl_edit::Decorated<TraversalOperator>]) {
    let (names, taken) = names(traversal);
    let target = match names.as_slice() {
        ["local", name] => Target::Local(name),
        ["var", name] => Target::Variable(name),
        ["data", kind, name, attribute] => Target::Data(kind, name, attribute),
        ["each" | "count" | "self" | "path" | "terraform" | "module" | "data", ..] => Target::Other,
        [kind, name, attribute] => Target::Resource(kind, name, attribute),
        _ => Target::Other,
    };
    (target, traversal.operators.get(taken..).unwrap_or_default())
}

impl<'a> Evaluator<'a, '_> {
    /// The value of a reference.
    pub(super) fn reference(&mut self, traversal: At<'a, Traversal>, span: Span) -> Node {
        let (target, rest) = target(traversal.node);
        match target {
            Target::Local(_) | Target::Variable(_) => {
                let value = self.follow(&target, |this, value| this.value(value));
                value.map_or_else(|| unknown(span), |value| inside(value, rest, span))
            }
            Target::Data(kind, _, attribute) if rest.is_empty() && is_string(kind, attribute) => {
                string(Text::unknown(), span)
            }
            Target::Resource(kind, name, attribute) if rest.is_empty() => {
                let resource = self.module.resource(kind, name);
                let text = resource.and_then(|resource| self.attribute(resource, kind, attribute));
                text.map_or_else(|| unknown(span), |text| string(text, span))
            }
            _ => unknown(span),
        }
    }

    /// The document that a reference gives.
    pub(super) fn reference_for_document(
        &mut self,
        traversal: At<'a, Traversal>,
        span: Span,
    ) -> Decoded {
        let (target, rest) = target(traversal.node);
        if !rest.is_empty() {
            return Decoded::unknown(span);
        }
        match target {
            Target::Local(_) | Target::Variable(_) => self
                .follow(&target, |this, value| this.document(value))
                .unwrap_or_else(|| Decoded::unknown(span)),
            Target::Data("aws_iam_policy_document", name, "json" | "minified_json") => {
                self.policy_document_named(name).unwrap_or_else(|| Decoded::unknown(span))
            }
            _ => Decoded::unknown(span),
        }
    }

    /// The resource of the module that a value is of, by its address.
    pub(super) fn resource_of(&self, expression: &'a Expression) -> Option<String> {
        let traversal = match expression {
            Expression::Traversal(traversal) => traversal,
            Expression::StringTemplate(template) => {
                let only = template.as_single_element()?.as_interpolation()?;
                return self.resource_of(&only.expr);
            }
            _ => return None,
        };
        let (Target::Resource(kind, name, _), []) = target(traversal) else { return None };
        self.module.resource(kind, name)?;
        Some(format!("{kind}.{name}"))
    }

    /// Works with what a local or a variable stands for. `None` where the module does not say it,
    /// or where it leads back to itself.
    fn follow<T>(
        &mut self,
        target: &Target<'a>,
        work: impl FnOnce(&mut Self, At<'a, Expression>) -> T,
    ) -> Option<T> {
        let (step, value) = match target {
            Target::Local(name) => (("local", *name), *self.module.locals.get(name)?),
            Target::Variable(name) => {
                let value = *self.module.variables.get(name)?;
                let assumed =
                    Assumed { variable: (*name).to_owned(), span: value.place.span(value.node) };
                if !self.assumed.contains(&assumed) {
                    self.assumed.push(assumed);
                }
                // A variable without a value of its own is set by someone else.
                if matches!(value.node, Expression::Null(_)) {
                    return None;
                }
                (("var", *name), value)
            }
            _ => return None,
        };
        if self.following.contains(&step) {
            return None;
        }
        self.following.push(step);
        let result = work(self, value);
        self.following.pop();
        Some(result)
    }

    /// What AWS makes an attribute from, where the resource says it.
    fn attribute(&mut self, resource: At<'a, Block>, kind: &str, attribute: &str) -> Option<Text> {
        match (kind, attribute) {
            (
                "aws_backup_vault" | "aws_iam_role" | "aws_iam_user" | "aws_iam_group",
                "name" | "id",
            ) => Some(self.written(resource, "name")),
            ("aws_backup_vault" | "aws_backup_logically_air_gapped_vault", "arn") => {
                let name = self.written(resource, "name");
                Some(arn("backup", &joined([&"backup-vault:".into(), &name])))
            }
            ("aws_backup_logically_air_gapped_vault", "name") => {
                Some(self.written(resource, "name"))
            }
            ("aws_kms_key" | "aws_kms_replica_key" | "aws_kms_external_key", "arn") => {
                Some(arn("kms", &joined([&"key/".into(), &Text::unknown()])))
            }
            ("aws_kms_key" | "aws_kms_replica_key" | "aws_kms_external_key", "key_id" | "id") => {
                Some(Text::unknown())
            }
            ("aws_iam_role", "arn") => Some(self.iam_arn(resource, "role")),
            ("aws_iam_user", "arn") => Some(self.iam_arn(resource, "user")),
            ("aws_iam_policy", "arn") => Some(self.iam_arn(resource, "policy")),
            (_, "arn") => Some(joined([&"arn:".into(), &Text::unknown()])),
            _ => None,
        }
    }

    fn iam_arn(&mut self, resource: At<'a, Block>, kind: &str) -> Text {
        let path = match resource.node.body.has_attribute("path") {
            true => self.written(resource, "path"),
            false => "/".into(),
        };
        let name = self.written(resource, "name");
        arn("iam", &joined([&kind.into(), &path, &name]))
    }

    fn written(&mut self, resource: At<'a, Block>, attribute: &str) -> Text {
        match resource.node.body.get_attribute(attribute) {
            Some(attribute) => to_text(&self.value(resource.other(&attribute.value))),
            None => Text::unknown(),
        }
    }
}

/// Data whose value is a string.
fn is_string(kind: &str, attribute: &str) -> bool {
    match kind {
        "aws_caller_identity" => matches!(attribute, "account_id" | "arn" | "user_id" | "id"),
        "aws_partition" => {
            matches!(attribute, "partition" | "dns_suffix" | "reverse_dns_prefix" | "id")
        }
        "aws_region" => matches!(attribute, "name" | "id" | "region" | "description"),
        "aws_organizations_organization" => matches!(attribute, "id" | "arn" | "master_account_id"),
        "aws_iam_role" | "aws_iam_user" | "aws_kms_key" | "aws_backup_vault" => {
            matches!(attribute, "arn" | "id" | "name")
        }
        _ => false,
    }
}

/// What stands in a value under the rest of a path.
fn inside(value: Node, path: &[hcl_edit::Decorated<TraversalOperator>], span: Span) -> Node {
    let mut value = value;
    for operator in path {
        let found = match operator.value() {
            TraversalOperator::GetAttr(name) => member(&value, name.as_str()),
            TraversalOperator::Index(Expression::String(name)) => member(&value, name.as_str()),
            TraversalOperator::Index(Expression::Number(index)) => {
                let index = index.value().as_u64().and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| element(&value, index))
            }
            _ => None,
        };
        match found {
            Some(found) => value = found,
            None => return unknown(span),
        }
    }
    value
}

/// A member that no other with an unknown key may replace.
fn member(value: &Node, key: &str) -> Option<Node> {
    let known = value.members().iter().all(|member| member.key.known().is_some());
    known.then(|| value.member(key).cloned())?
}

/// An element in a list of which each element is one.
fn element(value: &Node, index: usize) -> Option<Node> {
    let before = value.elements().get(..index)?;
    let known = before.iter().all(|element| element.value != Value::Unknown);
    known.then(|| value.elements().get(index).cloned())?
}
