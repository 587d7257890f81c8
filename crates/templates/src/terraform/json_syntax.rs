//! Terraform source written as JSON, as CDK for Terraform writes it. Its strings are templates;
//! what is interpolated into them is a gap.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::ops::Range;

use copy_preflight_policy::json;
use copy_preflight_policy::source::{SourceId, Sources};
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::{Member, Node, Value};

use super::record::{self, Carried, Record};
use super::shapes::{Carries, Shape, shape};
use crate::align::Escapes;
use crate::document::TemplateDocument;
use crate::image::{Decoded, Image};
use crate::problem::Problems;

/// Adds the documents of a file.
pub(crate) fn read(
    source: SourceId,
    text: &str,
    sources: &mut Sources,
    problems: &mut Problems,
    into: &mut Vec<TemplateDocument>,
) {
    let reading = json::read(source, text);
    problems.add_json(&reading.problems);
    for types in objects(&reading.root).flat_map(|root| values_of(root, "resource")) {
        for kind in types.members() {
            let (Some(name), resources) = (kind.key.known(), objects(&kind.value)) else {
                continue;
            };
            let Some(shape) = shape(name) else { continue };
            for resource in resources.flat_map(Node::members) {
                for body in objects(&resource.value) {
                    let address = format!("{name}.{}", resource.key);
                    let span = resource.key_span;
                    let mut reader = Reader { sources, problems };
                    record::documents(reader.record(body, shape, address, span), into);
                }
            }
        }
    }
}

/// A block that may stand several times is an object or a list of objects.
fn objects(node: &Node) -> impl Iterator<Item = &Node> {
    let one = std::slice::from_ref(node);
    let all = if node.elements().is_empty() { one } else { node.elements() };
    all.iter().filter(|node| matches!(node.value, Value::Object(_)))
}

fn values_of<'n>(node: &'n Node, name: &str) -> impl Iterator<Item = &'n Node> {
    node.member(name).into_iter().flat_map(objects)
}

struct Reader<'s> {
    sources: &'s mut Sources,
    problems: &'s mut Problems,
}

impl Reader<'_> {
    fn record(
        &mut self,
        body: &Node,
        shape: &'static Shape,
        address: String,
        span: copy_preflight_policy::source::Span,
    ) -> Record {
        let mut documents = Vec::new();
        for (attribute, carries) in shape.documents {
            if let Some(node) = body.member(attribute) {
                let (property, decoded) = ((*attribute).to_owned(), self.document(node));
                documents.push(Carried { property, carries: *carries, decoded });
            }
        }
        for (name, attribute, kind) in shape.blocks {
            for (index, block) in values_of(body, name).enumerate() {
                if let Some(node) = block.member(attribute) {
                    let property = format!("{name}[{index}].{attribute}");
                    let decoded = self.document(node);
                    documents.push(Carried { property, carries: Carries::Kind(*kind), decoded });
                }
            }
        }
        Record {
            shape,
            address,
            span,
            conditional: body.member("count").or_else(|| body.member("for_each")).is_some(),
            values: evaluated(body),
            documents,
            references: Vec::new(),
            assumed: Vec::new(),
        }
    }

    /// The document in a string. Text that is put together stands in the value of the string,
    /// which stands in the file.
    fn document(&mut self, node: &Node) -> Decoded {
        let (Value::String(_), Some(source)) = (&node.value, self.sources.get(node.span.source))
        else {
            return Decoded::whole(evaluated(node));
        };
        let name = source.name.clone();
        let Some(embedded) = json::embedded(&source.text, node.span) else {
            return Decoded::unknown(node.span);
        };
        let text = embedded.text;
        let value = self.sources.add_carried(name, text.as_str(), embedded.carrier);
        if matches!(parts(&text).as_slice(), [(_, Part::Interpolation)]) {
            return Decoded::unknown(node.span);
        }
        let mut image = Image::new(value);
        for (range, part) in parts(&text) {
            let outer = range.start as u32..range.end as u32;
            let raw = text.get(range).unwrap_or_default();
            match part {
                Part::Literal => {
                    let known = unescaped(raw);
                    image.literal(&known, raw, outer.start, Escapes::None);
                }
                Part::Interpolation => image.gap(outer, raw.contains("\\\"")),
                Part::Directive => return Decoded::unknown(node.span),
            }
        }
        image.read(0..text.len() as u32, self.sources, self.problems)
    }
}

/// The value with gaps where its strings interpolate. Trees of JSON are not deep.
fn evaluated(node: &Node) -> Node {
    let value = match &node.value {
        Value::String(text) => match text.known().map(|text| (text, parts(text))) {
            Some((_, parts)) if matches!(parts.as_slice(), [(_, Part::Interpolation)]) => {
                Value::Unknown
            }
            Some((text, parts)) => Value::String(Text::from_pieces(parts.into_iter().map(
                |(range, part)| match part {
                    Part::Literal => {
                        Piece::Known(unescaped(text.get(range).unwrap_or_default()).into())
                    }
                    Part::Interpolation | Part::Directive => Piece::Gap,
                },
            ))),
            None => Value::String(text.clone()),
        },
        Value::Array(elements) => Value::Array(elements.iter().map(evaluated).collect()),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|member| Member { value: evaluated(&member.value), ..member.clone() })
                .collect(),
        ),
        other => other.clone(),
    };
    Node { span: node.span, value }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Literal,
    /// `${…}`.
    Interpolation,
    /// `%{…}`: what is around it may stand there or not.
    Directive,
}

/// The parts of a template with their bytes.
fn parts(text: &str) -> Vec<(Range<usize>, Part)> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('{')) {
        let brace = at + found;
        at = brace + 1;
        let before = text.get(from..brace).unwrap_or_default();
        let Some(sign) = before.chars().next_back().filter(|sign| matches!(sign, '$' | '%')) else {
            continue;
        };
        // A doubled sign stands for itself.
        if before.strip_suffix(sign).is_some_and(|before| before.ends_with(sign)) {
            continue;
        }
        let open = brace - 1;
        let rest = text.get(open..).unwrap_or_default();
        if open > from {
            parts.push((from..open, Part::Literal));
        }
        let end = open + interpolation_length(rest);
        let part = if sign == '$' { Part::Interpolation } else { Part::Directive };
        parts.push((open..end, part));
        (from, at) = (end, end);
    }
    if from < text.len() {
        parts.push((from..text.len(), Part::Literal));
    }
    parts
}

/// To behind the bracket that closes the one at the beginning, or to the end.
fn interpolation_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    rest.len()
}

fn unescaped(literal: &str) -> String {
    literal.replace("$${", "${").replace("%%{", "%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_fall_into_parts() {
        let all = |text: &str| -> Vec<(String, Part)> {
            parts(text)
                .into_iter()
                .map(|(range, part)| (text.get(range).unwrap_or("?").to_owned(), part))
                .collect()
        };
        let part = |text: &str, part| (text.to_owned(), part);
        assert_eq!(all(""), []);
        assert_eq!(all("$${a}"), [part("$${a}", Part::Literal)]);
        assert_eq!(
            all(r#"a${f("}", {x = 1})}b%{if c}"#),
            [
                part("a", Part::Literal),
                part(r#"${f("}", {x = 1})}"#, Part::Interpolation),
                part("b", Part::Literal),
                part("%{if c}", Part::Directive),
            ]
        );
        assert_eq!(all("${a"), [part("${a", Part::Interpolation)]);
    }
}
