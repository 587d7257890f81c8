//! The policies of one account's path, with the trees that they are.

use std::sync::Arc;

use copy_preflight_policy::management::{Attached, Code, Diagnostic, Level};
use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_policy::tree::{Member, Node, Value};

use super::limits::Limits;

/// Documents that are longer than this many policies may be are not merged: they are no policies
/// of AWS in any spelling.
const MOST_POLICIES: usize = 10;

/// What is merged for one account.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The policy type, as Organizations names it.
    pub policy_type: String,
    /// The account.
    pub account: String,
    /// The levels, the root first.
    pub path: Vec<GivenLevel>,
    /// What is wrong with single documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// A root, OU or account.
#[derive(Debug, Clone)]
pub struct GivenLevel {
    /// Its id.
    pub target: String,
    /// The policies that are attached to it.
    pub policies: Vec<GivenPolicy>,
}

/// An attached policy.
#[derive(Debug, Clone)]
pub struct GivenPolicy {
    /// Its id.
    pub id: String,
    /// Its place in the order of attachment.
    pub order: Option<i64>,
    /// The document, which accounts share.
    pub content: Arc<Node>,
    /// How many characters the policy has at least.
    pub characters: usize,
}

/// Levels with the ids of their policies.
pub(crate) type Above = Vec<(String, Vec<String>)>;

impl Given {
    /// For the merge.
    #[must_use]
    pub fn levels(&self) -> Vec<Level<'_>> {
        self.path.iter().map(GivenLevel::level).collect()
    }

    /// The policies above the account, at each level that has any.
    pub(crate) fn above(&self) -> Above {
        let attached = self.path.iter().filter(|level| !level.policies.is_empty());
        attached
            .map(|level| {
                let ids = level.policies.iter().map(|policy| policy.id.clone());
                (level.target.clone(), ids.collect())
            })
            .collect()
    }

    /// Notes what no policy or target may have too much of.
    pub(super) fn measure(&mut self, limits: &Limits) {
        let most_attached = limits.attached.unwrap_or(usize::MAX);
        let most_characters = limits.characters.unwrap_or(usize::MAX);
        for level in &self.path {
            let note = |policy: &GivenPolicy, code| Diagnostic {
                code,
                path: String::new(),
                target: level.target.clone(),
                policy: policy.id.clone(),
                operator: None,
                kept: None,
                ignored: None,
                span: policy.content.span,
                related: None,
            };
            let long = level.policies.iter().filter(|one| one.characters > most_characters);
            self.diagnostics.extend(long.map(|policy| note(policy, Code::DocumentTooLong)));
            let surplus = level.policies.get(most_attached);
            self.diagnostics.extend(surplus.map(|policy| note(policy, Code::TooManyAttached)));
        }
    }
}

impl GivenLevel {
    fn level(&self) -> Level<'_> {
        Level {
            target: self.target.clone(),
            policies: self.policies.iter().map(GivenPolicy::attached).collect(),
        }
    }
}

impl GivenPolicy {
    fn attached(&self) -> Attached<'_> {
        Attached { id: self.id.clone(), order: self.order, content: &self.content }
    }
}

/// The fewest characters in which a document can be written.
pub(super) fn characters(sources: &Sources, node: &Node) -> usize {
    let text = |span: Span| sources.slice(span).chars().count();
    match &node.value {
        Value::Array(elements) => {
            let inside: usize = elements.iter().map(|one| characters(sources, one)).sum();
            2 + inside + elements.len().saturating_sub(1)
        }
        Value::Object(members) => {
            let member =
                |member: &Member| text(member.key_span) + 1 + characters(sources, &member.value);
            2 + members.iter().map(member).sum::<usize>() + members.len().saturating_sub(1)
        }
        _ => text(node.span),
    }
}

/// Why a document of this length is not merged at all.
pub(super) fn too_long(characters: usize, limits: &Limits) -> Option<String> {
    let most = limits.characters?;
    (characters > most.saturating_mul(MOST_POLICIES))
        .then(|| format!("the document has {characters} characters; a policy has at most {most}"))
}

/// Why a document is no policy with operators; `None` where it may be one.
///
/// An effective policy has no operators and cannot be attached again
/// (`orgs_manage_policies_effective.html`).
pub(super) fn not_a_policy(content: &Node) -> Option<String> {
    match &content.value {
        Value::Object(_) if has_value(content) && !has_operator(content) => Some(
            "the document has values and no operators (`@@assign`, …): it is an effective policy, \
             which cannot be attached"
                .to_owned(),
        ),
        Value::Object(_) | Value::Unknown => None,
        _ => Some(format!("a policy is an object, and this is {}", content.kind())),
    }
}

fn has_operator(node: &Node) -> bool {
    node.members().iter().any(|member| {
        member.key.known().is_none_or(|key| key.starts_with("@@")) || has_operator(&member.value)
    })
}

fn has_value(node: &Node) -> bool {
    match &node.value {
        Value::Object(members) => members.iter().any(|member| has_value(&member.value)),
        Value::Unknown => false,
        _ => true,
    }
}
