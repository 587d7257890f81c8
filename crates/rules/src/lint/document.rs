//! One document that is judged by itself, whatever format it was written in.

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::json;
use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::{Node, Value};
use smol_str::SmolStr;

use super::kind::DocumentKind;

/// A document, its place and what is known of it.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// What it is called beside others of one file: a member, a resource of a template.
    pub name: String,
    /// The tree.
    pub root: Node,
    /// What is wrong with the text that the tree was read from.
    pub problems: Vec<json::Problem>,
    /// What is known of whom it belongs to.
    pub owner: Owner,
    /// The document read as IAM policy, where its kind has that language.
    pub(crate) policy: Option<Policy>,
    /// Variables of a template that stand in its strings.
    pub(crate) template_variables: Vec<Span>,
}

/// Whose document it is, as far as its file, its answer or the config says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// The account.
    pub account: Option<SmolStr>,
    /// The Region.
    pub region: Option<SmolStr>,
    /// The ARN of the key or vault that it is the policy of.
    pub arn: Option<SmolStr>,
}

impl Document {
    /// A document from its tree. `problems` are those of the text, where it was JSON.
    #[must_use]
    pub fn new(
        kind: DocumentKind,
        name: impl Into<String>,
        root: Node,
        problems: Vec<json::Problem>,
    ) -> Self {
        let (mut root, mut template_variables) = (root, Vec::new());
        open_variables(&mut root, &mut template_variables);
        let damage = problems.iter().find(|problem| problem.kind.is_syntax());
        let integrity = damage.map_or(Integrity::Whole, |problem| Integrity::Damaged(problem.span));
        let policy = kind.policy_kind().map(|_| Policy::read(&root, integrity));
        let owner = Owner::default();
        Self { kind, name: name.into(), root, problems, owner, policy, template_variables }
    }

    /// The same where a template carries it and its text could not be read as a whole: the first
    /// mistake.
    #[must_use]
    pub fn damaged_at(self, mistake: Span) -> Self {
        let policy = self.policy.map(|_| Policy::read(&self.root, Integrity::Damaged(mistake)));
        Self { policy, ..self }
    }

    /// The same with what is known of its owner.
    #[must_use]
    pub fn owned_by(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }
}

/// Turns the variables of templates into gaps: `${name}` has no colon, as every key of a policy
/// variable has, so something else fills it in before AWS sees the text.
fn open_variables(node: &mut Node, found: &mut Vec<Span>) {
    match &mut node.value {
        Value::String(Text::Known(text)) if text.contains("${") => {
            if let Some(opened) = opened(text) {
                found.push(node.span);
                node.value = Value::String(opened);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                open_variables(element, found);
            }
        }
        Value::Object(members) => {
            for member in members {
                if let Some(opened) =
                    member.key.known().filter(|key| key.contains("${")).map(opened)
                    && let Some(opened) = opened
                {
                    found.push(member.key_span);
                    member.key = opened;
                }
                open_variables(&mut member.value, found);
            }
        }
        _ => {}
    }
}

/// The text with gaps in the place of a template's variables; `None` where it has none.
fn opened(text: &str) -> Option<Text> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut any = false;
    while let Some((before, behind)) = rest.split_once("${") {
        pieces.push(Piece::Known(before.into()));
        let Some((body, after)) = behind.split_once('}') else {
            pieces.push(Piece::Known("${".into()));
            rest = behind;
            break;
        };
        if is_template_variable(body) {
            any = true;
            pieces.push(Piece::Gap);
        } else {
            pieces.push(Piece::Known(format!("${{{body}}}").into()));
        }
        rest = after;
    }
    pieces.push(Piece::Known(rest.into()));
    any.then(|| Text::from_pieces(pieces))
}

/// `name`, `module.name`, `AWS::AccountId`: not the `service:key` of a policy variable.
fn is_template_variable(body: &str) -> bool {
    let body = body.trim();
    let word = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && text.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '.' | '-'))
    };
    body.strip_prefix("AWS::").map_or_else(|| word(body), word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_templates_are_gaps() {
        for (text, expected) in [
            ("arn:aws:iam::${account_id}:root", Some("arn:aws:iam::…:root")),
            ("${AWS::AccountId}", Some("…")),
            ("${aws:username}/${name}x", Some("${aws:username}/…x")),
            ("${aws:PrincipalTag/team}", None),
            ("${*}", None),
            ("${aws:username, 'none'}", None),
            ("${open", None),
            ("${a}${open", Some("…${open")),
        ] {
            assert_eq!(opened(text).map(|text| text.to_string()).as_deref(), expected, "{text}");
        }
    }
}
