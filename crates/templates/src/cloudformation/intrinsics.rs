//! Intrinsic functions: what they give, where the template settles it.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use std::collections::HashMap;

use copy_preflight_policy::source::{Carrier, SourceId, Sources, Span};
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Member, Node, Value};

use crate::align::{self, Escapes, Segments};
use crate::image::{Decoded, Image};
use crate::problem::Problems;
use crate::tree::{arn, joined, string, to_text, unknown};

/// What the functions of a template refer to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'t> {
    pub(super) parameters: &'t HashMap<&'t str, &'t Node>,
    pub(super) resources: &'t HashMap<&'t str, &'t Node>,
    /// Whether the text is JSON, whose strings escape with a backslash.
    pub(super) is_json: bool,
}

/// A function and its argument.
struct Call<'t> {
    name: &'t str,
    argument: &'t Node,
    span: Span,
}

/// The function that a value is. A statement has a member `Condition`, so that name is none.
fn call(node: &Node) -> Option<Call<'_>> {
    let [member] = node.members() else { return None };
    let name = member.key.known()?;
    let is_function = name == "Ref" || name.starts_with("Fn::");
    is_function.then_some(Call { name, argument: &member.value, span: node.span })
}

impl Scope<'_> {
    /// The value with all functions worked out; `None` for the value that is no value.
    ///
    /// Trees are not deep, so this may call itself.
    pub(super) fn resolve(&self, node: &Node) -> Option<Node> {
        if let Some(call) = call(node) {
            return self.call(&call);
        }
        let value = match &node.value {
            Value::Array(elements) => {
                Value::Array(elements.iter().filter_map(|one| self.resolve(one)).collect())
            }
            Value::Object(members) => {
                // A transformation may add and replace members.
                if members
                    .iter()
                    .any(|one| one.key.known().is_some_and(|key| key.starts_with("Fn::")))
                {
                    return Some(unknown(node.span));
                }
                let members = members.iter().filter_map(|member| {
                    let value = self.resolve(&member.value)?;
                    Some(Member { key: member.key.clone(), key_span: member.key_span, value })
                });
                Value::Object(members.collect())
            }
            other => other.clone(),
        };
        Some(Node { span: node.span, value })
    }

    fn call(&self, call: &Call<'_>) -> Option<Node> {
        let Call { name, argument, span } = *call;
        let text = |text| Some(string(text, span));
        match name {
            "Ref" if argument.as_str() == Some("AWS::NoValue") => None,
            "Ref" => Some(self.reference(argument.as_str(), span)),
            "Fn::GetAtt" => Some(self.attribute(argument, span)),
            "Fn::Sub" => text(self.substitution(argument)),
            "Fn::Join" => text(self.join(argument)),
            "Fn::If" => self.condition(argument, span),
            // They give strings, whatever they are of.
            "Fn::Base64" | "Fn::ToJsonString" => text(Text::unknown()),
            _ => Some(unknown(span)),
        }
    }

    fn reference(&self, name: Option<&str>, span: Span) -> Node {
        let Some(name) = name else { return unknown(span) };
        if name == "AWS::NotificationARNs" {
            return unknown(span);
        }
        if name.starts_with("AWS::") {
            return string(Text::unknown(), span);
        }
        if let Some(parameter) = self.parameters.get(name) {
            return self.parameter(parameter, span);
        }
        match self.resources.get(name) {
            Some(resource) => string(self.id(resource), span),
            None => unknown(span),
        }
    }

    /// A parameter has a default, and whoever makes the stack may set another. Only one that
    /// allows a single value is known.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
    fn parameter(&self, parameter: &Node, span: Span) -> Node {
        let is_string =
            matches!(parameter.member("Type").and_then(Node::as_str), Some("String" | "Number"))
                || parameter
                    .member("Type")
                    .and_then(Node::as_str)
                    .is_some_and(|kind| kind.starts_with("AWS::") && !kind.contains('<'));
        if !is_string {
            return unknown(span);
        }
        match parameter.member("AllowedValues").map(Node::elements) {
            Some([only]) => string(to_text(only), span),
            _ => string(Text::unknown(), span),
        }
    }

    /// What `Ref` gives of a resource.
    fn id(&self, resource: &Node) -> Text {
        let name = match resource.member("Type").and_then(Node::as_str) {
            Some("AWS::Backup::BackupVault" | "AWS::Backup::LogicallyAirGappedBackupVault") => {
                "BackupVaultName"
            }
            Some("AWS::IAM::Role") => "RoleName",
            Some("AWS::IAM::User") => "UserName",
            Some("AWS::IAM::Group") => "GroupName",
            _ => return Text::unknown(),
        };
        self.property(resource, name)
    }

    /// A property as text; a gap where the template does not settle it. What it refers to is not
    /// followed, so that no circle is.
    fn property(&self, resource: &Node, name: &str) -> Text {
        let property = resource.member("Properties").and_then(|it| it.member(name));
        match property.map(|property| &property.value) {
            Some(Value::String(text)) => text.clone(),
            _ => Text::unknown(),
        }
    }

    fn attribute(&self, argument: &Node, span: Span) -> Node {
        let (resource, attribute) = match &argument.value {
            Value::String(text) => match text.known().and_then(|text| text.split_once('.')) {
                Some(found) => found,
                None => return unknown(span),
            },
            Value::Array(parts) => match parts.as_slice() {
                [resource, attribute] => {
                    let known = |node: &Node| node.as_str().is_some();
                    if !known(resource) || !known(attribute) {
                        return unknown(span);
                    }
                    (resource.as_str().unwrap_or_default(), attribute.as_str().unwrap_or_default())
                }
                _ => return unknown(span),
            },
            _ => return unknown(span),
        };
        self.attribute_named(resource, attribute)
            .map_or_else(|| unknown(span), |it| string(it, span))
    }

    fn attribute_named(&self, resource: &str, attribute: &str) -> Option<Text> {
        let resource = self.resources.get(resource)?;
        let kind = resource.member("Type").and_then(Node::as_str)?;
        let path = |name: &str| {
            let given = resource.member("Properties").and_then(|it| it.member("Path"));
            let path = if given.is_some() { self.property(resource, "Path") } else { "/".into() };
            joined([&path, &self.property(resource, name)])
        };
        let vault =
            || joined([&"backup-vault:".into(), &self.property(resource, "BackupVaultName")]);
        Some(match (kind, attribute) {
            ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey", "Arn") => {
                arn("kms", &joined([&"key/".into(), &Text::unknown()]))
            }
            (
                "AWS::Backup::BackupVault" | "AWS::Backup::LogicallyAirGappedBackupVault",
                "BackupVaultArn",
            ) => arn("backup", &vault()),
            (
                "AWS::Backup::BackupVault" | "AWS::Backup::LogicallyAirGappedBackupVault",
                "BackupVaultName",
            ) => self.property(resource, "BackupVaultName"),
            ("AWS::IAM::Role", "Arn") => arn("iam", &joined([&"role".into(), &path("RoleName")])),
            ("AWS::IAM::User", "Arn") => arn("iam", &joined([&"user".into(), &path("UserName")])),
            (kind, "Arn") if kind.starts_with("AWS::") => {
                joined([&"arn:".into(), &Text::unknown()])
            }
            _ => return None,
        })
    }

    fn substitution(&self, argument: &Node) -> Text {
        let (template, given) = substituted(argument);
        let Some(template) = template.and_then(Node::as_str) else { return Text::unknown() };
        let parts: Vec<Text> = pieces(template)
            .map(|(_, part)| match part {
                Part::Known(text) => text.into(),
                Part::Name(name) => self.named(name, given),
            })
            .collect();
        joined(&parts)
    }

    /// The value of a name in `Fn::Sub`.
    fn named(&self, name: &str, given: &[Member]) -> Text {
        let nowhere = Span::new(SourceId::new(0), 0, 0);
        if let Some(given) = member(given, name) {
            return self.resolve(given).map_or_else(Text::unknown, |value| to_text(&value));
        }
        match name.split_once('.') {
            Some((resource, attribute)) => {
                self.attribute_named(resource, attribute).unwrap_or_else(Text::unknown)
            }
            None => to_text(&self.reference(Some(name), nowhere)),
        }
    }

    fn join(&self, argument: &Node) -> Text {
        let [delimiter, list] = argument.elements() else { return Text::unknown() };
        let Some(Node { value: Value::Array(parts), .. }) = self.resolve(list) else {
            return Text::unknown();
        };
        let delimiter = to_text(delimiter);
        let mut texts = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                texts.push(delimiter.clone());
            }
            texts.push(to_text(part));
        }
        joined(&texts)
    }

    /// Which branch counts is not known; two that are the same make no difference.
    fn condition(&self, argument: &Node, span: Span) -> Option<Node> {
        let [_, first, second] = argument.elements() else { return Some(unknown(span)) };
        match (self.resolve(first), self.resolve(second)) {
            (None, None) => None,
            (Some(first), Some(second)) if first == second && is_settled(&first) => Some(first),
            _ => Some(unknown(span)),
        }
    }

    /// The document that a property holds: an object, or JSON text.
    pub(super) fn document(
        &self,
        node: &Node,
        sources: &mut Sources,
        problems: &mut Problems,
    ) -> Decoded {
        let mut image = Image::new(node.span.source);
        let is_text = match call(node) {
            None => match &node.value {
                Value::String(_) => self.push(node, sources, &mut image),
                _ => false,
            },
            Some(Call { name: "Fn::ToJsonString", argument, .. }) => {
                return self.document(argument, sources, problems);
            }
            Some(Call { name: "Fn::Sub", argument, .. }) => {
                let (template, given) = substituted(argument);
                let text = template.filter(|template| template.as_str().is_some());
                return match text {
                    Some(text) => self.document_with_names(text, given, sources, problems),
                    None => Decoded::unknown(node.span),
                };
            }
            Some(Call { name: "Fn::Join", argument, .. }) => match argument.elements() {
                [delimiter, Node { value: Value::Array(parts), .. }]
                    if delimiter.as_str() == Some("") =>
                {
                    for part in parts {
                        if !self.push(part, sources, &mut image) {
                            let text =
                                self.resolve(part).map_or_else(Text::unknown, |it| to_text(&it));
                            image.value(&text, part.span.start..part.span.end);
                        }
                    }
                    true
                }
                _ => false,
            },
            Some(_) => false,
        };
        if is_text {
            return image.read(node.span.start..node.span.end, sources, problems);
        }
        match self.resolve(node) {
            // Text that is not known as a whole.
            Some(Node { value: Value::String(_), span }) => Decoded::unknown(span),
            Some(resolved) => Decoded::whole(resolved),
            None => Decoded::whole(Node { span: node.span, value: Value::Null }),
        }
    }

    /// Adds the characters of a string that the template writes out.
    fn push(&self, node: &Node, sources: &Sources, image: &mut Image) -> bool {
        let Some(text) = node.as_str() else { return false };
        let raw = sources.slice(node.span);
        let (raw, skipped, escapes) = self.inside(raw);
        image.literal(text, raw, node.span.start + skipped, escapes);
        true
    }

    /// What stands in the quotes of a string, how many bytes they take before it, and how it
    /// escapes.
    fn inside<'r>(&self, raw: &'r str) -> (&'r str, u32, Escapes) {
        for (quote, escapes) in [('"', Escapes::Backslash), ('\'', Escapes::None)] {
            if let Some(inside) = raw.strip_prefix(quote)
                && (quote == '"' || !self.is_json)
            {
                return (inside.strip_suffix(quote).unwrap_or(inside), 1, escapes);
            }
        }
        (raw, 0, Escapes::None)
    }

    /// The document in a text with `${…}` in it.
    fn document_with_names(
        &self,
        text: &Node,
        given: &[Member],
        sources: &mut Sources,
        problems: &mut Problems,
    ) -> Decoded {
        let (Some(template), Some(name)) =
            (text.as_str(), sources.get(text.span.source).map(|source| source.name.clone()))
        else {
            return Decoded::unknown(text.span);
        };
        // Two steps out: what is put together stands in the value of the string, which stands in
        // the file.
        let raw = sources.slice(text.span);
        let (raw, skipped, escapes) = self.inside(raw);
        let mut segments = Segments::default();
        align::align(template, raw, (0, text.span.start + skipped), escapes, &mut segments);
        let carrier = Carrier::decoded(text.span.source, segments.into_list(), text.span.end);
        let value = sources.add_carried(name, template, carrier);
        let mut image = Image::new(value);
        for (range, part) in pieces(template) {
            let outer = range.start as u32..range.end as u32;
            match part {
                Part::Known(known) => {
                    let raw = template.get(range).unwrap_or_default();
                    image.literal(known, raw, outer.start, Escapes::None);
                }
                Part::Name(name) => image.value(&self.named(name, given), outer),
            }
        }
        image.read(0..template.len() as u32, sources, problems)
    }
}

/// The template of `Fn::Sub` and the values it is given.
fn substituted(argument: &Node) -> (Option<&Node>, &[Member]) {
    match argument.elements() {
        [template, given] => (Some(template), given.members()),
        _ => (Some(argument), &[]),
    }
}

/// A part of the template of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
enum Part<'t> {
    /// Characters as they come out.
    Known(&'t str),
    /// `${Name}`.
    Name(&'t str),
}

/// The parts of a template, each with its bytes. `${!x}` is written for `${x}`.
fn pieces(template: &str) -> impl Iterator<Item = (std::ops::Range<usize>, Part<'_>)> {
    let mut at = 0;
    let mut pending = Vec::new();
    std::iter::from_fn(move || {
        if let Some(next) = pending.pop() {
            return Some(next);
        }
        let rest = template.get(at..).filter(|rest| !rest.is_empty())?;
        let open = rest.find("${").unwrap_or(rest.len());
        if open > 0 {
            let from = at;
            at += open;
            return Some((from..at, Part::Known(template.get(from..at)?)));
        }
        let from = at;
        let close = rest.find('}').map_or(rest.len(), |close| close + 1);
        at += close;
        let inside = rest.get(2..close)?;
        let Some(name) = inside.strip_suffix('}') else {
            return Some((from..at, Part::Known(rest)));
        };
        match name.strip_prefix('!') {
            Some(_) => {
                // `${` and, behind the mark, the rest.
                pending.push((from + 3..at, Part::Known(template.get(from + 3..at)?)));
                Some((from..from + 2, Part::Known("${")))
            }
            None => Some((from..at, Part::Name(name.trim()))),
        }
    })
}

/// The member of this name.
fn member<'m>(members: &'m [Member], name: &str) -> Option<&'m Node> {
    members.iter().find(|member| member.key.known() == Some(name)).map(|member| &member.value)
}

/// Whether nothing in a value is left open. The same gap twice need not be the same text.
fn is_settled(node: &Node) -> bool {
    match &node.value {
        Value::Unknown => false,
        Value::String(text) => text.known().is_some(),
        Value::Array(elements) => elements.iter().all(is_settled),
        Value::Object(members) => {
            members.iter().all(|one| one.key.known().is_some() && is_settled(&one.value))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_of_sub() {
        let all = |template| pieces(template).map(|(_, part)| part).collect::<Vec<_>>();
        assert_eq!(all(""), []);
        assert_eq!(all("a"), [Part::Known("a")]);
        assert_eq!(
            all("arn:${AWS::Partition}:x${ A.Arn }"),
            [
                Part::Known("arn:"),
                Part::Name("AWS::Partition"),
                Part::Known(":x"),
                Part::Name("A.Arn")
            ]
        );
        assert_eq!(
            all("${!aws:username}/${B}"),
            [Part::Known("${"), Part::Known("aws:username}"), Part::Known("/"), Part::Name("B")]
        );
        assert_eq!(all("a${b"), [Part::Known("a"), Part::Known("${b")]);
    }
}
