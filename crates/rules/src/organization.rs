//! The organization: where an account stands in it, and which policies guard it there.

use std::collections::HashMap;

use copy_preflight_policy::iam::{Document, Documents, Levels, Place, Policy};
use copy_preflight_policy::tree::Node;

use smol_str::SmolStr;

use crate::inputs::{Answer, Inputs, Why};
use crate::outcome::Missing;
use crate::view::{Filled, Gap, ListRead, Slot, View};

/// The root and the OUs above an account, the root first.
///
/// The tree and the paths in the list of accounts say the same, so either will do: a document is
/// recorded as read only where it is the only one.
///
/// # Errors
/// What is missing.
pub(crate) fn parents(view: &View<'_>, account: &str) -> Result<Vec<String>, Missing> {
    let (tree, accounts) = (Slot::organization_tree(), Slot::organization_accounts());
    let by_tree = view.peek(&tree).and_then(|answer| walk_up(answer, account));
    let by_path = view.peek(&accounts).and_then(|answer| listed_path(answer, account));
    match (by_tree, by_path) {
        (Some(parents), Some(_)) => Ok(parents),
        (Some(parents), None) => view.read(&tree).map(|_| parents).map_err(|gap| gap.missing()),
        (None, Some(parents)) => view.read(&accounts).map(|_| parents).map_err(|gap| gap.missing()),
        (None, None) => match view.read(&accounts) {
            // The list is there and does not show where the account stands.
            Ok(_) => match view.read(&tree) {
                Ok(_) => Err(tree.missing(Why::NotFound, None)),
                Err(gap) => Err(gap.missing()),
            },
            Err(gap) => Err(gap.missing()),
        },
    }
}

/// `o-…/r-…/ou-…/`, as condition keys have it.
pub(crate) fn path(organization: &str, parents: &[String]) -> String {
    let parents: String = parents.iter().map(|parent| format!("{parent}/")).collect();
    format!("{organization}/{parents}")
}

fn walk_up(tree: &Answer, account: &str) -> Option<Vec<String>> {
    let mut parents = Vec::new();
    let mut child = account;
    // An organization has at most five levels of OUs below its root.
    for _ in 0..8 {
        let parent = tree.entry(child)?.as_str()?;
        parents.push(parent.to_owned());
        if parent.starts_with("r-") {
            parents.reverse();
            return Some(parents);
        }
        child = parent;
    }
    None
}

/// The path that Organizations shows for an account: `o-…/r-…/ou-…/ACCOUNT/`.
fn listed_path(accounts: &Answer, account: &str) -> Option<Vec<String>> {
    let entry = accounts.entry(account)?;
    let path = entry.member("Paths")?.elements().first()?.as_str()?;
    let parents: Vec<String> = path
        .split('/')
        .filter(|part| part.starts_with("r-") || part.starts_with("ou-"))
        .map(str::to_owned)
        .collect();
    parents.first().is_some_and(|root| root.starts_with("r-")).then_some(parents)
}

/// The id of an organization in an answer of `organizations describe-organization`.
pub(crate) fn id<'a>(filled: &Filled<'a>) -> Option<&'a str> {
    filled.root().member("Organization")?.member("Id")?.as_str()
}

/// The management account in an answer of `organizations describe-organization`.
pub(crate) fn management_account<'a>(filled: &Filled<'a>) -> Option<&'a str> {
    filled.root().member("Organization")?.member("MasterAccountId")?.as_str()
}

/// Whether an answer of `organizations list-roots` shows a policy type in use.
pub(crate) fn has_policy_type(roots: &Filled<'_>, kind: GuardKind) -> bool {
    let roots = roots.root().member("Roots").map(Node::elements).unwrap_or_default();
    let types = roots.iter().filter_map(|root| root.member("PolicyTypes")).flat_map(Node::elements);
    types.into_iter().any(|entry| {
        let text = |name: &str| entry.member(name).and_then(Node::as_str);
        text("Type") == Some(kind.policy_type()) && text("Status") != Some("PENDING_DISABLE")
    })
}

/// The kinds of policies that guard calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuardKind {
    /// Service control policies, which bind the principals of an account.
    Scp,
    /// Resource control policies, which guard the resources of an account.
    Rcp,
}

impl GuardKind {
    /// One of them, in a sentence.
    pub(crate) fn singular(self) -> &'static str {
        match self {
            Self::Scp => "SCP",
            Self::Rcp => "RCP",
        }
    }

    /// Several of them.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Scp => "SCPs",
            Self::Rcp => "RCPs",
        }
    }

    /// The policy type as Organizations names it.
    fn policy_type(self) -> &'static str {
        match self {
            Self::Scp => "SERVICE_CONTROL_POLICY",
            Self::Rcp => "RESOURCE_CONTROL_POLICY",
        }
    }
}

/// The policies of one kind in the organization, as far as they were read.
#[derive(Debug)]
pub(crate) struct GuardList {
    kind: GuardKind,
    policies: Vec<Listed>,
    /// The indices of the policies that are attached to a root, an OU or an account, in order.
    by_target: HashMap<SmolStr, Vec<usize>>,
    /// The indices of those of which it was not read what they are attached to.
    unplaced: Vec<usize>,
    /// What of them was not read.
    pub(crate) missing: Vec<Missing>,
}

#[derive(Debug)]
struct Listed {
    id: String,
    slot: Slot,
}

/// One policy of the organization.
pub(crate) struct Guardrail<'a> {
    /// Its id, `p-…`.
    pub(crate) id: &'a str,
    filled: Option<Filled<'a>>,
}

/// The policies of one kind that guard an account, level by level from the root.
pub(crate) struct Guards<'a> {
    /// The kind.
    pub(crate) kind: GuardKind,
    levels: Vec<Vec<Guard<'a>>>,
    /// The first level at which no SCP was found. There is always one, so the list is not whole.
    pub(crate) without_scp: Option<String>,
}

/// One policy at one level; one that was not read may say anything.
struct Guard<'a> {
    document: Document<'a>,
    guardrail: Option<Guardrail<'a>>,
}

impl GuardList {
    /// Reads the policies of a kind with what they are attached to, and tells what it read.
    ///
    /// # Errors
    /// What is missing where not even the list of policies is there.
    pub(crate) fn read(
        inputs: &Inputs,
        kind: GuardKind,
        reads: &mut Vec<ListRead>,
    ) -> Result<Self, Missing> {
        let mut reading = Reading { inputs, reads };
        let index = Slot::organization_policies();
        let list = reading.read(&index).map_err(|gap| gap.missing())?;
        let entries = list.root().member("Policies").map(Node::elements).unwrap_or_default();
        let mut found = Self {
            kind,
            policies: Vec::new(),
            by_target: HashMap::new(),
            unplaced: Vec::new(),
            missing: Vec::new(),
        };
        for entry in entries {
            let Some(id) = entry.member("Id").and_then(Node::as_str) else { continue };
            let listed = entry.member("Type").and_then(Node::as_str);
            found.add(&mut reading, id, listed);
        }
        Ok(found)
    }

    /// Adds a policy; of another kind only the type is looked at.
    fn add(&mut self, reading: &mut Reading<'_, '_>, id: &str, listed: Option<&str>) {
        let is_other = |named: &str| named != self.kind.policy_type();
        if listed.is_some_and(is_other) {
            return;
        }
        let slot = Slot::organization_policy(id);
        let filled = match reading.read(&slot) {
            Ok(filled) => Some(filled),
            Err(gap) => {
                self.missing.push(gap.missing());
                None
            }
        };
        let shown = filled.as_ref().and_then(|filled| {
            filled.root().member("Policy")?.member("PolicySummary")?.member("Type")?.as_str()
        });
        match (listed.or(shown), &filled) {
            (Some(named), _) if is_other(named) => return,
            // An answer without its type says nothing that could be used.
            (None, Some(_)) => self.missing.push(slot.missing(Why::Unreadable, None)),
            // One that is missing, as was told above, may be of this kind.
            _ => {}
        }
        if filled.as_ref().is_some_and(|filled| filled.document().is_none()) {
            self.missing.push(slot.missing(Why::Unreadable, None));
        }
        self.place(reading, id);
        self.policies.push(Listed { id: id.to_owned(), slot });
    }

    /// Notes what the next policy is attached to.
    fn place(&mut self, reading: &mut Reading<'_, '_>, id: &str) {
        let next = self.policies.len();
        let filled = match reading.read(&Slot::organization_policy_targets(id)) {
            Ok(filled) => filled,
            Err(gap) => {
                self.missing.push(gap.missing());
                self.unplaced.push(next);
                return;
            }
        };
        let list = filled.root().member("Targets").map(Node::elements).unwrap_or_default();
        for target in list.iter().filter_map(|target| target.member("TargetId")?.as_str()) {
            let at = self.by_target.entry(target.into()).or_default();
            if at.last() != Some(&next) {
                at.push(next);
            }
        }
    }

    /// Whether there is a policy of the kind.
    pub(crate) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The policies that guard an account below these parents.
    pub(crate) fn of<'a>(
        &'a self,
        view: &View<'a>,
        parents: &[String],
        account: &str,
    ) -> Guards<'a> {
        let mut levels = Vec::new();
        let mut without_scp = None;
        for (depth, level) in parents.iter().map(String::as_str).chain([account]).enumerate() {
            let mut guards = self.at(view, level, depth == 0);
            match self.kind {
                // `RCPFullAWSAccess` is attached everywhere and cannot be taken off.
                GuardKind::Rcp => guards.push(Guard {
                    document: Document::Known(view.facts.admit_all()),
                    guardrail: None,
                }),
                GuardKind::Scp if guards.is_empty() => {
                    without_scp.get_or_insert_with(|| level.to_owned());
                    guards.push(Guard { document: Document::Unknown, guardrail: None });
                }
                GuardKind::Scp => {}
            }
            levels.push(guards);
        }
        Guards { kind: self.kind, levels, without_scp }
    }

    /// The policies at a level, in the order of the list.
    fn at<'a>(&'a self, view: &View<'a>, level: &str, is_root: bool) -> Vec<Guard<'a>> {
        let attached = self.by_target.get(level).into_iter().flatten();
        let mut guards: Vec<(usize, Guard<'a>)> = attached
            .filter_map(|&index| Some((index, self.policies.get(index)?.guard(view))))
            .collect();
        if is_root {
            // Where these are attached is not known; at the root they reach every account.
            let unknown = || Guard { document: Document::Unknown, guardrail: None };
            guards.extend(self.unplaced.iter().map(|&index| (index, unknown())));
            guards.sort_by_key(|(index, _)| *index);
        }
        guards.into_iter().map(|(_, guard)| guard).collect()
    }
}

/// Reads documents for all copies of a run.
struct Reading<'r, 'a> {
    inputs: &'a Inputs,
    reads: &'r mut Vec<ListRead>,
}

impl<'a> Reading<'_, 'a> {
    fn read(&mut self, slot: &Slot) -> Result<Filled<'a>, Gap<'a>> {
        let entry = self.inputs.get(&slot.address);
        self.reads.push(ListRead { slot: slot.clone(), wanted: entry.is_none() });
        slot.fill(entry)
    }
}

impl Listed {
    /// The policy, for a copy for which the whole list was read.
    fn guard<'a>(&'a self, view: &View<'a>) -> Guard<'a> {
        let guardrail = Guardrail { id: &self.id, filled: view.already(&self.slot) };
        Guard { document: guardrail.document(), guardrail: Some(guardrail) }
    }
}

impl<'a> Guardrail<'a> {
    fn document(&self) -> Document<'a> {
        self.policy().map_or(Document::Unknown, Document::Known)
    }

    /// The policy, where it was read.
    pub(crate) fn policy(&self) -> Option<&'a Policy> {
        self.filled.as_ref().and_then(Filled::document).map(|document| &document.policy)
    }

    /// The answer that holds the policy.
    pub(crate) fn filled(&self) -> Option<&Filled<'a>> {
        self.filled.as_ref()
    }

    /// What a person calls it.
    pub(crate) fn name(&self) -> &str {
        self.filled
            .as_ref()
            .and_then(|filled| {
                filled.root().member("Policy")?.member("PolicySummary")?.member("Name")?.as_str()
            })
            .unwrap_or(self.id)
    }
}

impl<'a> Guards<'a> {
    /// For the evaluator.
    pub(crate) fn levels(&self) -> Levels<'a> {
        let documents = |guards: &Vec<Guard<'a>>| {
            Documents::Known(guards.iter().map(|guard| guard.document).collect())
        };
        Levels::Known(self.levels.iter().map(documents).collect())
    }

    /// The policies that were read, each once.
    pub(crate) fn policies(&self) -> Vec<&Guardrail<'a>> {
        let mut found: Vec<&Guardrail<'a>> = Vec::new();
        for guardrail in self.levels.iter().flatten().filter_map(|guard| guard.guardrail.as_ref()) {
            if !found.iter().any(|one| one.id == guardrail.id) {
                found.push(guardrail);
            }
        }
        found
    }

    /// The policies of a level.
    pub(crate) fn at(&self, level: usize) -> Vec<&Guardrail<'a>> {
        let guards = self.levels.get(level).into_iter().flatten();
        guards.filter_map(|guard| guard.guardrail.as_ref()).collect()
    }

    /// The policy that a decision names.
    pub(crate) fn named(&self, place: Place) -> Option<&Guardrail<'a>> {
        let (level, index) = match (place, self.kind) {
            (Place::Scp(level, index), GuardKind::Scp)
            | (Place::Rcp(level, index), GuardKind::Rcp) => (level, index),
            _ => return None,
        };
        self.levels.get(level)?.get(index)?.guardrail.as_ref()
    }
}
