//! Answers, and the policies inside them.

use std::collections::HashMap;

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::json;
use copy_preflight_policy::source::{Carrier, SourceId, Span};
use copy_preflight_policy::tree::{Node, Value};

use smol_str::SmolStr;

use super::Inputs;
use super::address::Listing;

/// An answer of an API, as text and as tree.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The text.
    pub source: SourceId,
    /// The tree.
    pub root: Node,
    /// The policy document that the answer carries.
    pub policy: Option<PolicyDocument>,
    /// INVARIANT: where in the answer the first entry of each id stands; empty for an answer
    /// that is not searched by ids.
    by_id: HashMap<SmolStr, usize>,
    listing: Option<Listing>,
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

impl Answer {
    pub(super) fn new(
        source: SourceId,
        root: Node,
        policy: Option<PolicyDocument>,
        listing: Option<Listing>,
    ) -> Self {
        let by_id = listing.map(|listing| by_id(&root, listing)).unwrap_or_default();
        Self { source, root, policy, by_id, listing }
    }

    /// The entry of an account, an OU or a root, in an answer that lists them.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Node> {
        let index = *self.by_id.get(id)?;
        match self.listing? {
            Listing::Members => self.root.members().get(index).map(|member| &member.value),
            Listing::Elements { list, .. } => self.root.member(list)?.elements().get(index),
        }
    }
}

fn by_id(root: &Node, listing: Listing) -> HashMap<SmolStr, usize> {
    let ids: Vec<Option<&str>> = match listing {
        Listing::Members => root.members().iter().map(|member| member.key.known()).collect(),
        Listing::Elements { list, id } => {
            let elements = root.member(list).map(Node::elements).unwrap_or_default();
            elements.iter().map(|element| element.member(id)?.as_str()).collect()
        }
    };
    let mut by_id = HashMap::with_capacity(ids.len());
    for (index, id) in ids.into_iter().enumerate() {
        if let Some(id) = id {
            by_id.entry(id.into()).or_insert(index);
        }
    }
    by_id
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
