//! The policies of an account's path, out of the documents of a snapshot.

use std::sync::Arc;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::{Node, Value};

use super::Merges;
use super::given::{Given, GivenLevel, GivenPolicy, characters, not_a_policy, too_long};
use super::limits::Limits;
use super::trouble::{Trouble, TroubleKind};
use crate::inputs::{Address, Answer, Entry, Inputs, Why};

/// The documents that no account can be judged without.
#[must_use]
pub fn wanted() -> Vec<Address> {
    vec![
        Address::OrganizationRoots,
        Address::OrganizationAccounts,
        Address::OrganizationTree,
        Address::OrganizationPolicies,
    ]
}

/// The documents of the policies that the list names.
#[must_use]
pub fn wanted_policies(inputs: &Inputs) -> Vec<Address> {
    let ids = policy_ids(inputs);
    let both = |id: &String| {
        [
            Address::OrganizationPolicyTargets { id: id.clone() },
            Address::OrganizationPolicy { id: id.clone() },
        ]
    };
    ids.iter().flat_map(both).collect()
}

/// The answer in which AWS says what is in force in an account.
#[must_use]
pub fn answer_of(account: &str, policy_type: &str) -> Address {
    Address::EffectivePolicy { account: account.to_owned(), policy_type: policy_type.to_owned() }
}

/// The accounts that the snapshot lists, by id.
#[must_use]
pub fn accounts(inputs: &Inputs) -> Vec<String> {
    let list = answer(inputs, &Address::OrganizationAccounts);
    let list = list.and_then(|answer| answer.root.member("Accounts")).map(Node::elements);
    let id = |entry: &Node| entry.member("Id").and_then(Node::as_str).map(str::to_owned);
    let mut ids: Vec<String> = list.unwrap_or_default().iter().filter_map(id).collect();
    if ids.is_empty() {
        let tree = answer(inputs, &Address::OrganizationTree);
        let members = tree.map(|answer| answer.root.members()).unwrap_or_default();
        let is_account = |id: &&str| id.len() == 12 && id.bytes().all(|one| one.is_ascii_digit());
        ids.extend(
            members.iter().filter_map(|one| one.key.known()).filter(is_account).map(str::to_owned),
        );
    }
    ids.sort();
    ids.dedup();
    ids
}

/// The answers that hold the policies of the organization, of all types.
pub(crate) fn policies(inputs: &Inputs) -> Vec<(String, &Answer)> {
    let address = |id: &String| Address::OrganizationPolicy { id: id.clone() };
    let ids = policy_ids(inputs).into_iter();
    ids.filter_map(|id| answer(inputs, &address(&id)).map(|answer| (id, answer))).collect()
}

/// The policies of one type in an organization, and what they are attached to.
#[derive(Debug)]
pub struct Organization<'a> {
    inputs: &'a Inputs,
    policy_type: String,
    policies: Vec<Read<'a>>,
    /// Why no account can be judged.
    fault: Option<Trouble>,
    limits: Limits,
}

/// A policy that is of the type, or may be.
#[derive(Debug)]
struct Read<'a> {
    id: String,
    /// What it is attached to; `None` where that was not read.
    targets: Option<&'a Answer>,
    /// The document and its length, or why it cannot be merged.
    content: Result<(Arc<Node>, usize), Trouble>,
}

impl<'a> Organization<'a> {
    /// Reads the policies of a type.
    #[must_use]
    pub fn read(inputs: &'a Inputs, policy_type: &str, limits: Limits) -> Self {
        let mut found = Self {
            inputs,
            policy_type: policy_type.to_owned(),
            policies: Vec::new(),
            fault: None,
            limits,
        };
        if answer(inputs, &Address::OrganizationPolicies).is_none() {
            found.fault = Some(Trouble::new(
                TroubleKind::NotRead,
                Address::OrganizationPolicies,
                "the snapshot holds no organization/policies",
            ));
        }
        for id in policy_ids(inputs) {
            let targets = answer(inputs, &Address::OrganizationPolicyTargets { id: id.clone() });
            let policy = answer(inputs, &Address::OrganizationPolicy { id: id.clone() });
            let kind = policy.and_then(|answer| shown_type(&answer.root));
            if kind.is_none_or(|kind| kind == policy_type) {
                let content = content(inputs, &id, policy, &found.limits);
                found.policies.push(Read { id, targets, content });
            }
        }
        found
    }

    /// No merges yet, to be held against the limits that the organization was read with.
    #[must_use]
    pub fn merges(&self) -> Merges {
        Merges::new(self.limits)
    }

    /// The root, the OUs and the account, from above.
    ///
    /// # Errors
    /// Why it is not known.
    pub(crate) fn path(&self, account: &str) -> Result<Vec<String>, Trouble> {
        path(self.inputs, account)
    }

    /// What is merged for an account.
    ///
    /// # Errors
    /// Why the account cannot be judged: a document that may concern it was not read or cannot be
    /// merged, or where it stands is not known.
    pub fn given(&self, account: &str) -> Result<Given, Vec<Trouble>> {
        if let Some(fault) = &self.fault {
            return Err(vec![fault.clone()]);
        }
        let path = self.path(account).map_err(|fault| vec![fault])?;
        let mut given = Given {
            policy_type: self.policy_type.clone(),
            account: account.to_owned(),
            ..Given::default()
        };
        // Without the type on the root no policy of it is in force.
        if is_enabled(self.inputs, &self.policy_type) == Some(false) {
            return Ok(given);
        }
        let mut faults = Vec::new();
        let mut levels: Vec<GivenLevel> =
            path.into_iter().map(|target| GivenLevel { target, policies: Vec::new() }).collect();
        for policy in &self.policies {
            let Some(targets) = policy.targets else {
                faults.push(Trouble::new(
                    TroubleKind::NotRead,
                    Address::OrganizationPolicyTargets { id: policy.id.clone() },
                    format!(
                        "organization/attachments/{}.json was not read: the policy may be above",
                        policy.id
                    ),
                ));
                continue;
            };
            for level in &mut levels {
                if targets.entry(&level.target).is_none() {
                    continue;
                }
                match &policy.content {
                    Ok((content, characters)) => level.policies.push(GivenPolicy {
                        id: policy.id.clone(),
                        order: None,
                        content: Arc::clone(content),
                        characters: *characters,
                    }),
                    Err(fault) => faults.push(fault.clone()),
                }
            }
        }
        if !faults.is_empty() {
            faults.dedup();
            return Err(faults);
        }
        given.path = levels;
        given.measure(&self.limits);
        Ok(given)
    }
}

/// The document in an answer of `organizations describe-policy`.
fn content(
    inputs: &Inputs,
    id: &str,
    policy: Option<&Answer>,
    limits: &Limits,
) -> Result<(Arc<Node>, usize), Trouble> {
    let address = Address::OrganizationPolicy { id: id.to_owned() };
    let path = address.path();
    let trouble = |kind, message: String| Trouble::new(kind, address.clone(), message);
    let Some(policy) = policy else {
        // A file that is there and cannot be read says where.
        let unreadable = match inputs.get(&address) {
            Some(Entry::Absent(absence)) if absence.why == Why::Unreadable => absence.place,
            _ => None,
        };
        return Err(match unreadable {
            Some(place) => trouble(
                TroubleKind::NotAPolicy,
                format!("{path}.json cannot be read, and the policy is above"),
            )
            .at(&inputs.sources, place),
            None => trouble(
                TroubleKind::NotRead,
                format!("{path}.json was not read, and the policy is above"),
            ),
        });
    };
    let Some(document) = &policy.policy else {
        let message = format!("{path}.json shows no `Content` of the policy");
        return Err(trouble(TroubleKind::NotRead, message));
    };
    let refused = |message: String, span: Span| {
        trouble(TroubleKind::NotAPolicy, message).at(&inputs.sources, span)
    };
    let is_here = |place: &Span| place.source == document.source;
    let problem = inputs.problems().iter().find(|one| one.place.as_ref().is_some_and(is_here));
    let fault = match problem {
        Some(problem) => problem.place.map(|span| (span, problem.message.clone())),
        None => not_a_policy(&document.root).map(|message| (document.root.span, message)),
    };
    if let Some((span, message)) = fault {
        return Err(refused(message, span));
    }
    let is_text = policy
        .root
        .member("Policy")
        .and_then(|policy| policy.member("Content"))
        .is_some_and(|content| matches!(content.value, Value::String(_)));
    let written = inputs.sources.get(document.source).map(|source| source.text.chars().count());
    let length = match written.filter(|_| is_text) {
        Some(length) => length,
        None => characters(&inputs.sources, &document.root),
    };
    if let Some(message) = too_long(length, limits) {
        return Err(refused(message, document.root.span));
    }
    Ok((Arc::new(document.root.clone()), length))
}

/// Whether the root has the policy type; `None` where the roots were not read.
#[must_use]
pub fn is_enabled(inputs: &Inputs, policy_type: &str) -> Option<bool> {
    let roots = answer(inputs, &Address::OrganizationRoots)?.root.member("Roots")?.elements();
    let types = roots.iter().filter_map(|root| root.member("PolicyTypes")).flat_map(Node::elements);
    Some(types.into_iter().any(|entry| {
        let text = |name: &str| entry.member(name).and_then(Node::as_str);
        text("Type") == Some(policy_type) && text("Status") != Some("PENDING_DISABLE")
    }))
}

/// What AWS answered for an account: the document, `Some(None)` where it has no effective policy,
/// and `None` where the answer was not saved.
#[must_use]
pub fn aws_answer<'a>(
    inputs: &'a Inputs,
    account: &str,
    policy_type: &str,
) -> Option<Option<&'a Node>> {
    match inputs.get(&answer_of(account, policy_type))? {
        Entry::Present(answer) => answer.policy.as_ref().map(|policy| Some(&policy.root)),
        Entry::Absent(absence) => (absence.why == Why::NotFound).then_some(None),
    }
}

/// The root, the OUs and the account, from above.
///
/// # Errors
/// Why it is not known.
fn path(inputs: &Inputs, account: &str) -> Result<Vec<String>, Trouble> {
    let by_list = answer(inputs, &Address::OrganizationAccounts)
        .and_then(|answer| crate::organization::listed_path(answer, account));
    let tree = answer(inputs, &Address::OrganizationTree);
    let mut path = match (by_list, tree) {
        (Some(path), _) => path,
        (None, Some(tree)) => climb(inputs, tree, account)?,
        (None, None) => {
            let message = format!(
                "where {account} stands is not known: the snapshot has no `Paths` in \
                 organization/accounts.json and no organization/tree.json"
            );
            return Err(Trouble::new(TroubleKind::NotRead, Address::OrganizationTree, message));
        }
    };
    path.push(account.to_owned());
    Ok(path)
}

fn climb(inputs: &Inputs, tree: &Answer, account: &str) -> Result<Vec<String>, Trouble> {
    let trouble = |message: String, span: Span| {
        Trouble::new(TroubleKind::NotPlaced, Address::OrganizationTree, message)
            .at(&inputs.sources, span)
    };
    let mut found: Vec<String> = Vec::new();
    let mut child = account;
    let mut place = tree.root.span;
    while !child.starts_with("r-") {
        let Some(node) = tree.entry(child) else {
            return Err(trouble(format!("`{child}` has no parent"), place));
        };
        let Some(parent) = node.as_str() else {
            return Err(trouble(format!("the parent of `{child}` is no id"), node.span));
        };
        place = node.span;
        if parent == account || found.iter().any(|other| other == parent) {
            return Err(trouble(format!("`{parent}` stands above itself"), place));
        }
        found.push(parent.to_owned());
        child = parent;
    }
    found.reverse();
    Ok(found)
}

fn policy_ids(inputs: &Inputs) -> Vec<String> {
    let list = answer(inputs, &Address::OrganizationPolicies);
    let list = list.and_then(|answer| answer.root.member("Policies")).map(Node::elements);
    let id = |entry: &Node| entry.member("Id").and_then(Node::as_str).map(str::to_owned);
    list.unwrap_or_default().iter().filter_map(id).collect()
}

/// The type of a policy, in an answer of `organizations describe-policy`.
pub(crate) fn shown_type(answer: &Node) -> Option<&str> {
    answer.member("Policy")?.member("PolicySummary")?.member("Type")?.as_str()
}

/// The name of a policy, in an answer of `organizations describe-policy`.
pub(crate) fn shown_name(answer: &Node) -> Option<&str> {
    answer.member("Policy")?.member("PolicySummary")?.member("Name")?.as_str()
}

fn answer<'a>(inputs: &'a Inputs, address: &Address) -> Option<&'a Answer> {
    match inputs.get(address)? {
        Entry::Present(answer) => Some(answer),
        Entry::Absent(_) => None,
    }
}
