//! A resource whose values are worked out, from a plan or from source: the documents it carries.

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Node, Value};

use super::backup_plan;
use super::shapes::{Carries, Shape};
use crate::document::{Assumed, Kind, Link, TemplateDocument};
use crate::image::Decoded;
use crate::tree::to_text;

/// A resource.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) shape: &'static Shape,
    pub(crate) address: String,
    /// Where it is named.
    pub(crate) span: Span,
    pub(crate) conditional: bool,
    /// Its attributes, and its blocks as lists of objects; without the documents.
    pub(crate) values: Node,
    /// The documents that it carries, in order.
    pub(crate) documents: Vec<Carried>,
    /// Attributes that name another resource of the template, by its address.
    pub(crate) references: Vec<(&'static str, String)>,
    pub(crate) assumed: Vec<Assumed>,
}

/// A document of a resource.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) property: String,
    pub(crate) carries: Carries,
    pub(crate) decoded: Decoded,
}

/// Adds the documents of a resource.
pub(crate) fn documents(record: Record, into: &mut Vec<TemplateDocument>) {
    let links = links(&record);
    let mut add = |kind, property, Decoded { node, damage }| {
        // A document that is null is not given.
        if node.value != Value::Null {
            into.push(TemplateDocument {
                kind,
                address: record.address.clone(),
                property,
                resource: record.span,
                node,
                damage,
                conditional: record.conditional,
                links: links.clone(),
                assumed: record.assumed.clone(),
            });
        }
    };
    for Carried { property, carries, decoded } in record.documents {
        let kind = match carries {
            Carries::Kind(kind) => kind,
            Carries::OrganizationPolicy => match record.values.member("type") {
                // What the provider takes where it is not given.
                None => Kind::ServiceControlPolicy,
                Some(Node { value: Value::Null, .. }) => Kind::ServiceControlPolicy,
                Some(given) => Kind::of_organization(given.as_str()),
            },
        };
        add(kind, property, decoded);
    }
    if record.shape.is_plan {
        let plan = backup_plan::api_form(&record.values);
        add(Kind::BackupPlan, String::new(), Decoded::whole(plan));
    }
}

fn links(record: &Record) -> Vec<Link> {
    let mut links = Vec::new();
    for (attribute, kind) in record.shape.links {
        let Some(value) = record.values.member(attribute) else { continue };
        if value.value == Value::Null {
            continue;
        }
        let referenced = record.references.iter().find(|(name, _)| name == attribute);
        let resource = match record.shape.is {
            Some(is) if is == *kind => Some(record.address.clone()),
            _ => referenced.map(|(_, address)| address.clone()),
        };
        links.push(Link { kind: *kind, text: to_text(value), resource, span: value.span });
    }
    if let Some(is) = record.shape.is
        && !links.iter().any(|link| link.kind == is)
    {
        // A resource without a name in the template is still itself.
        let id = ["arn", "name"].iter().find_map(|name| record.values.member(name));
        links.push(Link {
            kind: is,
            text: id.map_or_else(copy_preflight_policy::text::Text::unknown, to_text),
            resource: Some(record.address.clone()),
            span: id.map_or(record.span, |id| id.span),
        });
    }
    links
}
