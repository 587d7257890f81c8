//! What `terraform show -json` prints: values as they will be, or as they are.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use std::collections::HashMap;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{SourceId, Sources};
use copy_preflight_policy::tree::{Member, Node, Value};

use crate::decode;
use crate::document::{Kind, Template};
use crate::image::Decoded;
use crate::problem::Problems;
use crate::terraform::record::{self, Carried, Record};
use crate::terraform::shapes::{Carries, Shape, shape};
use crate::tree::unknown;

/// Adds the documents of a plan or a state.
pub(crate) fn read(
    source: SourceId,
    sources: &mut Sources,
    problems: &mut Problems,
    template: &mut Template,
) {
    let Some(text) = sources.get(source).map(|source| source.text.clone()) else { return };
    let reading = json::read(source, &text);
    drop(text);
    problems.add_json(&reading.problems);
    let mut reader = Reader { sources, problems, template };
    match reading.root.member("resource_changes") {
        Some(changes) => {
            for change in changes.elements() {
                reader.change(change);
            }
        }
        None => {
            for values in ["planned_values", "values"] {
                if let Some(module) =
                    reading.root.member(values).and_then(|it| it.member("root_module"))
                {
                    reader.module(module);
                }
            }
        }
    }
}

struct Reader<'s> {
    sources: &'s mut Sources,
    problems: &'s mut Problems,
    template: &'s mut Template,
}

impl Reader<'_> {
    fn change(&mut self, node: &Node) {
        let Some(change) = node.member("change") else { return };
        if let Some(after) = change.member("after") {
            self.resource(node, after, change.member("after_unknown"));
        }
    }

    /// The resources of a module and of those in it. The JSON reader bounds the depth.
    fn module(&mut self, module: &Node) {
        for resource in module.member("resources").map(Node::elements).unwrap_or_default() {
            if let Some(values) = resource.member("values") {
                self.resource(resource, values, None);
            }
        }
        for child in module.member("child_modules").map(Node::elements).unwrap_or_default() {
            self.module(child);
        }
    }

    fn resource(&mut self, node: &Node, values: &Node, not_known: Option<&Node>) {
        let text = |member: &str| node.member(member).and_then(Node::as_str);
        let (Some(kind), Some(address)) = (text("type"), text("address")) else { return };
        // Data is read; what is deleted has no values.
        if text("mode") == Some("data") || !matches!(values.value, Value::Object(_)) {
            return;
        }
        let Some(shape) = shape(kind) else { return };
        let values = with_unknown(values, not_known);
        let span = node.member("address").map_or(node.span, |address| address.span);
        let mut documents = Vec::new();
        for (attribute, carries) in shape.documents {
            if let Some(decoded) = self.document(values.member(attribute)) {
                let property = (*attribute).to_owned();
                documents.push(Carried { property, carries: *carries, decoded });
            }
        }
        self.blocks(shape, &values, &mut documents);
        let record = Record {
            shape,
            address: address.to_owned(),
            span,
            conditional: false,
            values,
            documents,
            references: Vec::new(),
            assumed: Vec::new(),
        };
        record::documents(record, &mut self.template.documents);
    }

    fn blocks(&mut self, shape: &Shape, values: &Node, into: &mut Vec<Carried>) {
        for (name, attribute, kind) in shape.blocks {
            let Some(list) = values.member(name) else { continue };
            if list.value == Value::Unknown {
                let property = (*name).to_owned();
                into.push(carried(property, *kind, Decoded::unknown(list.span)));
            }
            for (index, element) in list.elements().iter().enumerate() {
                let found = match &element.value {
                    Value::Unknown => Some(Decoded::unknown(element.span)),
                    _ => self.document(element.member(attribute)),
                };
                if let Some(decoded) = found {
                    into.push(carried(format!("{name}[{index}].{attribute}"), *kind, decoded));
                }
            }
        }
    }

    /// The document in an attribute; an empty text is none.
    fn document(&mut self, attribute: Option<&Node>) -> Option<Decoded> {
        let attribute = attribute?;
        if attribute.as_str() == Some("") {
            return None;
        }
        Some(decode::document(attribute, self.sources, self.problems))
    }
}

fn carried(property: String, kind: Kind, decoded: Decoded) -> Carried {
    Carried { property, carries: Carries::Kind(kind), decoded }
}

/// The values, and an unknown one for each that the plan says is known only after the apply.
/// Known values are left out of `after_unknown`, or false in it.
fn with_unknown(values: &Node, not_known: Option<&Node>) -> Node {
    let Some(not_known) = not_known else { return values.clone() };
    match (&values.value, &not_known.value) {
        (_, Value::Bool(true)) => unknown(not_known.span),
        (Value::Object(members), Value::Object(flags)) => {
            let mut members = members.clone();
            let by_key: HashMap<_, _> = members
                .iter()
                .enumerate()
                .filter_map(|(index, member)| Some((member.key.known()?.to_owned(), index)))
                .collect();
            for flag in flags.iter().filter(|flag| has_unknown(&flag.value)) {
                let index = flag.key.known().and_then(|key| by_key.get(key));
                match index.and_then(|&index| members.get_mut(index)) {
                    Some(member) => member.value = with_unknown(&member.value, Some(&flag.value)),
                    None => {
                        let value = unknown(flag.value.span);
                        members.push(Member { value, ..flag.clone() });
                    }
                }
            }
            Node { span: values.span, value: Value::Object(members) }
        }
        (Value::Array(elements), Value::Array(flags)) => {
            let behind = flags.iter().skip(elements.len()).filter(|flag| has_unknown(flag));
            let behind = behind.map(|flag| unknown(flag.span));
            let flags = flags.iter().map(Some).chain(std::iter::repeat(None));
            let elements = elements.iter().zip(flags);
            let elements = elements.map(|(element, flag)| with_unknown(element, flag));
            Node { span: values.span, value: Value::Array(elements.chain(behind).collect()) }
        }
        _ if has_unknown(not_known) => unknown(not_known.span),
        _ => values.clone(),
    }
}

/// Whether something in these flags is set.
fn has_unknown(flags: &Node) -> bool {
    match &flags.value {
        Value::Bool(flag) => *flag,
        Value::Array(elements) => elements.iter().any(has_unknown),
        Value::Object(members) => members.iter().any(|member| has_unknown(&member.value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_make_values_unknown() {
        let tree = |text: &str| json::read(SourceId::new(0), text).root;
        for (values, flags, expected) in [
            (r#"{"a": 1}"#, r#"{}"#, r#"{"a": 1}"#),
            (r#"{"a": 1}"#, r#"{"a": false, "b": [], "c": {}}"#, r#"{"a": 1}"#),
            (r#"{"a": 1}"#, r#"{"b": true}"#, r#"{"a": 1, "b": "?"}"#),
            (r#"{"a": null}"#, r#"{"a": {"x": true}}"#, r#"{"a": "?"}"#),
            (r#"{"a": null}"#, r#"{"a": {"x": false}}"#, r#"{"a": null}"#),
            (r#"{"a": [1, 2]}"#, r#"{"a": [false, true]}"#, r#"{"a": [1, "?"]}"#),
            (r#"{"a": [1]}"#, r#"{"a": [false, false, true]}"#, r#"{"a": [1, "?"]}"#),
            (r#"{"a": [{"x": 1}]}"#, r#"{"a": [{"y": true}]}"#, r#"{"a": [{"x": 1, "y": "?"}]}"#),
            (r#"{"a": 1}"#, "true", r#""?""#),
        ] {
            let mut found = with_unknown(&tree(values), Some(&tree(flags)));
            show(&mut found);
            assert_eq!(found, tree(expected), "{values} with {flags}");
        }
    }

    /// Unknown values as a string that no case has.
    fn show(node: &mut Node) {
        match &mut node.value {
            Value::Unknown => node.value = Value::String("?".into()),
            Value::Array(elements) => elements.iter_mut().for_each(show),
            Value::Object(members) => members.iter_mut().for_each(|one| show(&mut one.value)),
            _ => {}
        }
    }
}
