//! `data "aws_iam_policy_document"`: the document that its blocks stand for.
//!
//! What the provider makes of them, read from its source: one value stands alone, several are a
//! list; blocks of one kind of principal, or of one operator and key, add up; `effect` is Allow
//! and `version` is 2012-10-17 where they are not given; `&{` is written for `${`; a statement
//! with the Sid of an earlier one replaces it.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>

use std::collections::HashMap;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::{Piece, PieceRef, Text};
use copy_preflight_policy::tree::{Member, Node, Value};
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};

use super::evaluate::Evaluator;
use super::module::At;
use crate::image::Decoded;
use crate::tree::{member, string, to_text, unknown};

/// Lists of strings in a statement, and what they are called in the document.
const LISTS: [(&str, &str); 4] = [
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
];

impl<'a> Evaluator<'a, '_> {
    /// The document of this name, for something that uses it; not one that stands in itself.
    pub(super) fn policy_document_named(&mut self, name: &'a str) -> Option<Decoded> {
        self.used_documents.insert(name);
        self.policy_document_alone(name)
    }

    /// The document of this name.
    pub(super) fn policy_document_alone(&mut self, name: &'a str) -> Option<Decoded> {
        let block = self.module.policy_document(name)?;
        if self.following.contains(&("document", name)) {
            return None;
        }
        self.following.push(("document", name));
        let decoded = self.policy_document(block);
        self.following.pop();
        Some(decoded)
    }

    fn policy_document(&mut self, block: At<'a, Block>) -> Decoded {
        let span = block.place.span(block.node);
        let head = block.place.span(&block.node.ident);
        let body = &block.node.body;
        let mut damage = None;
        let mut members = vec![match body.get_attribute("version") {
            Some(version) => self.attribute_as("Version", block.other(version)),
            None => member("Version", head, string("2012-10-17", head)),
        }];
        if let Some(id) = body.get_attribute("policy_id") {
            members.push(self.attribute_as("Id", block.other(id)));
        }
        let mut statements = Vec::new();
        // Sources do not replace each other's statements: the provider refuses a Sid that two have.
        for document in self.documents_of(block, ["source_json", "source_policy_documents"]) {
            damage = damage.or(document.damage);
            statements.extend(statements_of(document.node));
        }
        let own = body.iter().filter_map(Structure::as_block).filter_map(|inner| {
            match inner.ident.as_str() {
                "statement" => Some(self.statement(block.other(inner))),
                "dynamic" if labelled(inner, "statement") => {
                    Some(unknown(block.place.span(&inner.ident)))
                }
                _ => None,
            }
        });
        let own = Node { span, value: Value::Array(own.collect()) };
        let own = Node { span, value: Value::Object(vec![member("Statement", head, own)]) };
        merge(&mut statements, statements_of(own));
        for document in self.documents_of(block, ["override_policy_documents", "override_json"]) {
            damage = damage.or(document.damage);
            merge(&mut statements, statements_of(document.node));
        }
        if !statements.is_empty() {
            let list = Node { span, value: Value::Array(statements) };
            members.push(member("Statement", head, list));
        }
        Decoded { node: Node { span, value: Value::Object(members) }, damage }
    }

    /// The documents in attributes that hold JSON texts: lists of them, or, as older providers
    /// have it, one.
    fn documents_of(&mut self, block: At<'a, Block>, attributes: [&str; 2]) -> Vec<Decoded> {
        let mut documents = Vec::new();
        for name in attributes {
            let Some(attribute) = block.node.body.get_attribute(name) else { continue };
            match &attribute.value {
                Expression::Array(list) => {
                    documents.extend(list.iter().map(|text| self.document(block.other(text))));
                }
                Expression::Null(_) => {}
                one if name.ends_with("_json") => documents.push(self.document(block.other(one))),
                other => documents.push(Decoded::unknown(block.place.span(other))),
            }
        }
        documents
    }

    fn attribute_as(&mut self, key: &str, attribute: At<'a, Attribute>) -> Member {
        let key_span = attribute.place.span(&attribute.node.key);
        member(key, key_span, self.value(attribute.other(&attribute.node.value)))
    }

    fn statement(&mut self, block: At<'a, Block>) -> Node {
        let span = block.place.span(block.node);
        let head = block.place.span(&block.node.ident);
        let mut members = Vec::new();
        let body = &block.node.body;
        if let Some(sid) = body.get_attribute("sid") {
            let sid = self.attribute_as("Sid", block.other(sid));
            // An empty one is none.
            if sid.value.value != Value::Null && sid.value.as_str() != Some("") {
                members.push(sid);
            }
        }
        let effect = body
            .get_attribute("effect")
            .map(|effect| self.attribute_as("Effect", block.other(effect)));
        let effect = effect.filter(|effect| effect.value.value != Value::Null);
        members.push(effect.unwrap_or_else(|| member("Effect", head, string("Allow", head))));
        for (blocks, key) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            members.extend(self.principals(block, blocks, key));
        }
        for (attribute, key) in LISTS {
            if let Some(attribute) = body.get_attribute(attribute) {
                let mut entry = self.attribute_as(key, block.other(attribute));
                entry.value = alone(entry.value, key.ends_with("Resource"));
                let is_absent = entry.value.value == Value::Null
                    || entry.value.value == Value::Array(Vec::new());
                if !is_absent {
                    members.push(entry);
                }
            }
        }
        members.extend(self.conditions(block));
        Node { span, value: Value::Object(members) }
    }

    fn principals(
        &mut self,
        statement: At<'a, Block>,
        name: &'static str,
        key: &str,
    ) -> Option<Member> {
        let (blocks, dynamic) = inner_blocks(&statement.node.body, name);
        if let Some(dynamic) = dynamic {
            let span = statement.place.span(&dynamic.ident);
            return Some(member(key, span, unknown(span)));
        }
        let first = statement.other(*blocks.first()?);
        let key_span = first.place.span(&first.node.ident);
        let span = first.place.span(first.node);
        let mut kinds = Grouped::default();
        for block in &blocks {
            let (kind, kind_span) = self.text_attribute(first.other(*block), "type");
            let mut identifiers = match block.body.get_attribute("identifiers") {
                Some(list) => self.value(first.other(&list.value)),
                None => unknown(first.place.span(*block)),
            };
            identifiers = alone(identifiers, true);
            if blocks.len() == 1 && kind.known() == Some("*") && identifiers.as_str() == Some("*") {
                return Some(member(key, key_span, identifiers));
            }
            kinds.add(kind, kind_span, identifiers);
        }
        Some(member(key, key_span, kinds.into_object(span)))
    }

    fn conditions(&mut self, statement: At<'a, Block>) -> Option<Member> {
        let (blocks, dynamic) = inner_blocks(&statement.node.body, "condition");
        if let Some(dynamic) = dynamic {
            let span = statement.place.span(&dynamic.ident);
            return Some(member("Condition", span, unknown(span)));
        }
        let first = statement.other(*blocks.first()?);
        let key_span = first.place.span(&first.node.ident);
        // Operators in their order, each with its keys.
        let mut operators: Vec<(Text, Span, Span, Grouped)> = Vec::new();
        let mut by_test: HashMap<Text, usize> = HashMap::new();
        for block in &blocks {
            let block = first.other(*block);
            let (test, test_span) = self.text_attribute(block, "test");
            let (variable, variable_span) = self.text_attribute(block, "variable");
            let values = match block.node.body.get_attribute("values") {
                Some(values) => self.value(block.other(&values.value)),
                None => unknown(block.place.span(block.node)),
            };
            let values = alone(values, true);
            let index = by_test.get(&test).copied().filter(|_| test.known().is_some());
            let index = index.unwrap_or(operators.len());
            if index == operators.len() {
                by_test.insert(test.clone(), index);
                let span = block.place.span(block.node);
                operators.push((test, test_span, span, Grouped::default()));
            }
            if let Some((_, _, _, keys)) = operators.get_mut(index) {
                keys.add(variable, variable_span, values);
            }
        }
        let span = first.place.span(first.node);
        let operators = operators.into_iter().map(|(key, key_span, span, keys)| Member {
            key,
            key_span,
            value: keys.into_object(span),
        });
        let value = Value::Object(operators.collect());
        Some(member("Condition", key_span, Node { span, value }))
    }

    fn text_attribute(&mut self, block: At<'a, Block>, name: &str) -> (Text, Span) {
        match block.node.body.get_attribute(name) {
            Some(attribute) => {
                let value = self.value(block.other(&attribute.value));
                (to_text(&value), value.span)
            }
            None => (Text::unknown(), block.place.span(&block.node.ident)),
        }
    }
}

fn labelled(block: &Block, label: &str) -> bool {
    block.labels.first().is_some_and(|found| found.as_str() == label)
}

/// The blocks of this name, and a `dynamic` one where there is any.
fn inner_blocks<'b>(body: &'b Body, name: &'static str) -> (Vec<&'b Block>, Option<&'b Block>) {
    let named = body.get_blocks(name).collect();
    (named, body.get_blocks("dynamic").find(|block| labelled(block, name)))
}

/// A list of one is its value; `&{` begins a variable where `with_variables`.
fn alone(node: Node, with_variables: bool) -> Node {
    let mut node = match node.value {
        Value::Array(elements) if elements.len() == 1 => match elements.into_iter().next() {
            // One unknown element of a list may stand for several.
            Some(only) if only.value == Value::Unknown => {
                Node { span: node.span, value: Value::Array(vec![only]) }
            }
            Some(only) => only,
            None => unknown(node.span),
        },
        value => Node { span: node.span, value },
    };
    match &mut node.value {
        Value::String(text) if with_variables => replace_variables(text),
        Value::Array(elements) if with_variables => {
            for element in elements {
                if let Value::String(text) = &mut element.value {
                    replace_variables(text);
                }
            }
        }
        _ => {}
    }
    node
}

fn replace_variables(text: &mut Text) {
    let has_variables = text.pieces().any(|piece| match piece {
        PieceRef::Known(known) => known.contains("&{"),
        PieceRef::Gap => false,
    });
    if has_variables {
        *text = Text::from_pieces(text.pieces().map(|piece| match piece {
            PieceRef::Known(known) => Piece::Known(known.replace("&{", "${").into()),
            PieceRef::Gap => Piece::Gap,
        }));
    }
}

/// Members of which several blocks give the values, and where each key stands.
#[derive(Default)]
struct Grouped {
    members: Vec<Member>,
    by_key: HashMap<Text, usize>,
}

impl Grouped {
    /// Adds values under a key, to those that stand under it. Two keys that are not known need
    /// not be the same.
    fn add(&mut self, key: Text, key_span: Span, values: Node) {
        let index = self.by_key.get(&key).filter(|_| key.known().is_some());
        let Some(same) = index.and_then(|&index| self.members.get_mut(index)) else {
            self.by_key.insert(key.clone(), self.members.len());
            self.members.push(Member { key, key_span, value: values });
            return;
        };
        let span = same.value.span;
        let mut all = list_of(std::mem::replace(&mut same.value, unknown(span)));
        all.extend(list_of(values));
        same.value.value = Value::Array(all);
    }

    fn into_object(self, span: Span) -> Node {
        Node { span, value: Value::Object(self.members) }
    }
}

fn list_of(node: Node) -> Vec<Node> {
    match node.value {
        Value::Array(elements) => elements,
        value => vec![Node { span: node.span, value }],
    }
}

/// The statements of a document; a document that is not known is a statement that is not.
fn statements_of(document: Node) -> Vec<Node> {
    let span = document.span;
    match document.value {
        Value::Object(members) => {
            let list = members.into_iter().find(|one| one.key.known() == Some("Statement"));
            list.map_or_else(Vec::new, |list| list_of(list.value))
        }
        Value::Null => Vec::new(),
        _ => vec![unknown(span)],
    }
}

/// Adds the statements of a document; one with the Sid of an earlier document's replaces it.
/// Within one document the provider refuses the same Sid twice.
fn merge(statements: &mut Vec<Node>, added: Vec<Node>) {
    if statements.is_empty() {
        *statements = added;
        return;
    }
    let earlier = statements.len();
    let mut by_sid = HashMap::new();
    for (index, statement) in statements.iter().enumerate() {
        if let Sid::Known(sid) = sid(statement) {
            by_sid.entry(sid).or_insert(index);
        }
    }
    for statement in added {
        match sid(&statement) {
            Sid::None => {}
            Sid::Known(name) => {
                let replaced = by_sid.get(&name).and_then(|&index| statements.get_mut(index));
                if let Some(replaced) = replaced {
                    *replaced = statement;
                    continue;
                }
            }
            // It may replace each one that has a Sid, and it may stand for several.
            Sid::Unknown => {
                for replaced in statements.iter_mut().take(earlier) {
                    if sid(replaced) != Sid::None {
                        *replaced = unknown(replaced.span);
                    }
                }
            }
        }
        statements.push(statement);
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Sid {
    None,
    Known(String),
    Unknown,
}

fn sid(statement: &Node) -> Sid {
    if statement.value == Value::Unknown {
        return Sid::Unknown;
    }
    match statement.member("Sid") {
        None => Sid::None,
        Some(sid) => match sid.as_str() {
            Some("") => Sid::None,
            Some(sid) => Sid::Known(sid.to_owned()),
            None => Sid::Unknown,
        },
    }
}
