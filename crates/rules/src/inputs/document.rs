//! Answers, and the policies inside them.

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::json;
use copy_preflight_policy::source::{Carrier, SourceId, Span};
use copy_preflight_policy::tree::{Node, Value};

use super::Inputs;

/// An answer of an API, as text and as tree.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The text.
    pub source: SourceId,
    /// The tree.
    pub root: Node,
    /// The policy document that the answer carries.
    pub policy: Option<PolicyDocument>,
}

/// A document inside an answer: a text of its own.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    /// The decoded text.
    pub source: SourceId,
    /// The tree.
    pub root: Node,
    /// The document read as IAM policy; of no use for documents of other languages.
    pub policy: Policy,
}

/// Reads the document under a path of members: a string that holds it, as AWS answers, or the
/// object itself, as users and the CLI write it.
pub(super) fn policy(
    inputs: &mut Inputs,
    file: SourceId,
    root: &Node,
    path: &[&str],
) -> Option<PolicyDocument> {
    let mut node = root;
    for member in path {
        node = node.member(member)?;
    }
    let source = inputs.sources.get(file)?;
    let name = source.name.clone();
    let (text, carrier) = match &node.value {
        Value::String(_) => {
            let embedded = json::embedded(&source.text, node.span)?;
            (embedded.text, embedded.carrier)
        }
        _ => {
            let Span { start, end, .. } = node.span;
            (source.slice(node.span.range()).to_owned(), Carrier::verbatim(file, start..end))
        }
    };
    let id = inputs.sources.next_id();
    let reading = json::read(id, &text);
    inputs.sources.add_carried(name, text, carrier);
    inputs.tell(&reading.problems);
    let damage = reading.problems.iter().find(|problem| problem.kind.is_syntax());
    let integrity = damage.map_or(Integrity::Whole, |problem| Integrity::Damaged(problem.span));
    let policy = Policy::read(&reading.root, integrity);
    Some(PolicyDocument { source: id, root: reading.root, policy })
}
