//! Answers that were not read from the text of an answer: documents of a repository, and what
//! follows from what someone says.

use copy_preflight_policy::iam::Policy;
use copy_preflight_policy::iam::document::Integrity;
use copy_preflight_policy::source::Span;
use copy_preflight_policy::text::Text;
use copy_preflight_policy::tree::{Member, Node, Value};

use super::document::PolicyDocument;
use super::{Address, Answer, Entry, Inputs};
use crate::lint::Document;

impl Inputs {
    /// Adds a document as the policy that an address answers with: a bare policy, or one that
    /// stands in a template. Its places are those of its file, which is one of the sources.
    ///
    /// False where no answer at this address carries a policy.
    pub fn insert_document(&mut self, address: Address, document: &Document) -> bool {
        let Some(path) = address.policy_member() else { return false };
        let source = document.root.span.source;
        let read = || Policy::read(&document.root, Integrity::Whole);
        let policy = document.policy.clone().unwrap_or_else(read);
        let policy = PolicyDocument { source, root: document.root.clone(), policy };
        let root =
            path.iter().rev().fold(document.root.clone(), |value, name| object([(*name, value)]));
        let listing = address.listing();
        let answer = Answer::new(source, root, Some(policy), listing);
        self.entries.insert(address, Entry::Present(Box::new(answer)));
        true
    }

    /// Adds an answer as a tree: what someone said in words other than those of AWS.
    pub fn insert_tree(&mut self, address: Address, root: Node) {
        let listing = address.listing();
        let answer = Answer::new(root.span.source, root, None, listing);
        self.entries.insert(address, Entry::Present(Box::new(answer)));
    }
}

/// An object with these members, which all stand where the first one does.
pub(crate) fn object<const N: usize>(members: [(&str, Node); N]) -> Node {
    let members: Vec<Member> = members
        .into_iter()
        .map(|(key, value)| Member { key: Text::from(key), key_span: value.span, value })
        .collect();
    let start = Span::new(copy_preflight_policy::source::SourceId::new(0), 0, 0);
    let span = members.first().map_or(start, |member| member.value.span);
    Node { span, value: Value::Object(members) }
}
