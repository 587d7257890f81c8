//! The documents of the resources of a module.

use std::collections::HashMap;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Member, Node, Value};
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};

use super::evaluate::Evaluator;
use super::module::At;
use super::record::{self, Carried, Record};
use super::shapes::{Carries, Shape, shape};
use crate::document::{Kind, TemplateDocument};
use crate::image::Decoded;
use crate::tree::unknown;

/// Adds the documents of all resources, then those that no resource of the module uses.
pub(crate) fn documents(evaluator: &mut Evaluator<'_, '_>, into: &mut Vec<TemplateDocument>) {
    for block in &evaluator.module.resources {
        let labels = (block.node.labels.first(), block.node.labels.get(1));
        let (Some(kind), Some(name)) = labels else { continue };
        let Some(shape) = shape(kind.as_str()) else { continue };
        let address = format!("{}.{}", kind.as_str(), name.as_str());
        let record = evaluator.record(*block, shape, address);
        record::documents(record, into);
    }
    for call in &evaluator.module.calls {
        evaluator.arguments(*call, into);
    }
    let mut unplaced = Vec::new();
    for (name, block) in &evaluator.module.policy_documents {
        if evaluator.used_documents.contains(name) {
            continue;
        }
        evaluator.assumed.clear();
        let decoded = evaluator.policy_document_alone(name);
        let Decoded { node, damage } = decoded.unwrap_or_else(|| Decoded::unknown(head(*block)));
        let document = TemplateDocument {
            kind: Kind::UnplacedPolicy,
            address: format!("data.aws_iam_policy_document.{name}"),
            property: "json".to_owned(),
            resource: head(*block),
            node,
            damage,
            conditional: is_conditional(&block.node.body),
            links: Vec::new(),
            assumed: std::mem::take(&mut evaluator.assumed),
        };
        unplaced.push((*name, document));
    }
    // The source of another such document is told there.
    unplaced.retain(|(name, _)| !evaluator.used_documents.contains(name));
    into.extend(unplaced.into_iter().map(|(_, document)| document));
}

/// The words before the braces of a block.
fn head(block: At<'_, Block>) -> Span {
    let first = block.place.span(&block.node.ident);
    block.node.labels.last().map_or(first, |last| first.to(block.place.span(last)))
}

fn is_conditional(body: &Body) -> bool {
    body.has_attribute("count") || body.has_attribute("for_each")
}

/// Whether an expression encodes JSON or writes it as text, so that it may be a policy.
fn may_be_policy(expression: &Expression) -> bool {
    let is_policy = |text: &str| text.trim_start().starts_with('{') && text.contains("Statement");
    match expression {
        Expression::FuncCall(call) => call.name.name.as_str() == "jsonencode",
        Expression::String(text) => is_policy(text),
        Expression::HeredocTemplate(heredoc) => {
            let first = heredoc.template.iter().find_map(|element| element.as_literal());
            first.is_some_and(|text| is_policy(text))
        }
        _ => false,
    }
}

impl<'a> Evaluator<'a, '_> {
    fn record(&mut self, block: At<'a, Block>, shape: &'static Shape, address: String) -> Record {
        self.assumed.clear();
        let body = &block.node.body;
        let mut documents = Vec::new();
        let labels = (block.node.labels.first(), block.node.labels.get(1));
        let overriding = match labels {
            (Some(kind), Some(name)) => self.module.overrides.get(&(kind.as_str(), name.as_str())),
            _ => None,
        };
        for (attribute, carries) in shape.documents {
            let attribute_of = |block: At<'a, Block>| {
                let found = block.node.body.get_attribute(attribute)?;
                Some(block.other(&found.value))
            };
            let found = overriding.copied().and_then(attribute_of);
            if let Some(found) = found.or_else(|| attribute_of(block)) {
                let decoded = self.document(found);
                let property = (*attribute).to_owned();
                documents.push(Carried { property, carries: *carries, decoded });
            }
        }
        for (name, attribute, kind) in shape.blocks {
            // Blocks of an override file take the place of all of their name.
            let overriding = overriding.filter(|other| other.node.body.has_blocks(name));
            let block = overriding.copied().unwrap_or(block);
            self.documents_of_blocks(block, (name, attribute, *kind), &mut documents);
        }
        let mut references = Vec::new();
        for (attribute, _) in shape.links {
            let found = body.get_attribute(attribute);
            if let Some(address) = found.and_then(|found| self.resource_of(&found.value)) {
                references.push((*attribute, address));
            }
        }
        let values = self.values(block, shape);
        Record {
            shape,
            address,
            span: head(block),
            conditional: is_conditional(body),
            values,
            documents,
            references,
            assumed: std::mem::take(&mut self.assumed),
        }
    }

    /// Policies that the module gives to another one. What that does with them is not in these
    /// files, and neither is what a document without statements is.
    fn arguments(&mut self, call: At<'a, Block>, into: &mut Vec<TemplateDocument>) {
        for argument in call.node.body.attributes() {
            if !may_be_policy(&argument.value) {
                continue;
            }
            self.assumed.clear();
            let Decoded { node, damage } = self.document(call.other(&argument.value));
            if node.member("Statement").is_none() {
                continue;
            }
            let name = call.node.labels.first().map_or("", |label| label.as_str());
            into.push(TemplateDocument {
                kind: Kind::UnplacedPolicy,
                address: format!("module.{name}"),
                property: argument.key.as_str().to_owned(),
                resource: head(call),
                node,
                damage,
                conditional: is_conditional(&call.node.body),
                links: Vec::new(),
                assumed: std::mem::take(&mut self.assumed),
            });
        }
    }

    fn documents_of_blocks(
        &mut self,
        block: At<'a, Block>,
        (name, attribute, kind): (&str, &str, Kind),
        into: &mut Vec<Carried>,
    ) {
        let mut index = 0;
        for inner in block.node.body.iter().filter_map(Structure::as_block) {
            let is_dynamic = inner.ident.as_str() == "dynamic"
                && inner.labels.first().is_some_and(|label| label.as_str() == name);
            if inner.ident.as_str() != name && !is_dynamic {
                continue;
            }
            let content = match inner.body.get_blocks("content").next() {
                Some(content) if is_dynamic => content,
                _ => inner,
            };
            let decoded = match content.body.get_attribute(attribute) {
                Some(found) => self.document(block.other(&found.value)),
                None if is_dynamic => Decoded::unknown(block.place.span(&inner.ident)),
                None => continue,
            };
            let property = format!("{name}[{index}].{attribute}");
            into.push(Carried { property, carries: Carries::Kind(kind), decoded });
            index += 1;
        }
    }

    /// The values that say more of the documents; of a backup plan, all of them.
    fn values(&mut self, block: At<'a, Block>, shape: &Shape) -> Node {
        if shape.is_plan {
            return self.body(block);
        }
        let mut members = Vec::new();
        let links = shape.links.iter().map(|(name, _)| *name);
        for name in links.chain(["type"]) {
            if let Some(found) = block.node.body.get_attribute(name) {
                let key_span = block.place.span(&found.key);
                let value = self.value(block.other(&found.value));
                members.push(Member { key: name.into(), key_span, value });
            }
        }
        Node { span: block.place.span(block.node), value: Value::Object(members) }
    }

    /// A block as an object: its attributes, and its blocks as lists. The parser bounds how deep
    /// blocks stand in blocks.
    fn body(&mut self, block: At<'a, Block>) -> Node {
        let span = block.place.span(block.node);
        let mut members: Vec<Member> = Vec::new();
        // Where the list of the blocks of one name stands.
        let mut lists: HashMap<&str, usize> = HashMap::new();
        for structure in block.node.body.iter() {
            let inner = match structure {
                Structure::Attribute(attribute) => {
                    let key_span = block.place.span(&attribute.key);
                    let value = self.value(block.other(&attribute.value));
                    members.push(Member { key: attribute.key.as_str().into(), key_span, value });
                    continue;
                }
                Structure::Block(inner) => block.other(inner),
            };
            let key_span = block.place.span(&inner.node.ident);
            let (name, value) = match (inner.node.ident.as_str(), inner.node.labels.first()) {
                ("dynamic", Some(label)) => (label.as_str(), unknown(key_span)),
                (name, _) => (name, self.body(inner)),
            };
            match lists.get(name).and_then(|&index| members.get_mut(index)) {
                Some(Member { value: Node { value: Value::Array(list), .. }, .. }) => {
                    list.push(value);
                }
                _ => {
                    lists.insert(name, members.len());
                    let span = block.place.span_of(inner.node.span().unwrap_or_default());
                    let value = Node { span, value: Value::Array(vec![value]) };
                    members.push(Member { key: name.into(), key_span, value });
                }
            }
        }
        Node { span, value: Value::Object(members) }
    }
}
