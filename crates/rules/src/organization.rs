//! The organization: where an account stands in it, and which policies guard it there.

use copy_preflight_policy::iam::{Document, Documents, Levels, Place, Policy};
use copy_preflight_policy::tree::Node;

use crate::inputs::{Answer, Why};
use crate::outcome::Missing;
use crate::view::{Filled, Slot, View};

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
pub(crate) fn listed_path(accounts: &Answer, account: &str) -> Option<Vec<String>> {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// The type in an answer of `organizations describe-policy`.
fn shown_type(answer: &Node) -> Option<&str> {
    answer.member("Policy")?.member("PolicySummary")?.member("Type")?.as_str()
}

/// Whether an answer of `organizations list-targets-for-policy` names a root, OU or account.
fn is_target(answer: &Answer, id: &str) -> bool {
    answer.entry(id).is_some()
}

/// The SCPs and RCPs of the organization, as far as they were read.
pub(crate) struct Guardrails<'a> {
    policies: Vec<Guardrail<'a>>,
    /// What of them was not read.
    pub(crate) missing: Vec<Missing>,
}

/// Which policies [`Guardrails`] hold, without the policies themselves.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Their ids.
    ids: Vec<String>,
    missing: Vec<Missing>,
}

/// One policy of the organization.
pub(crate) struct Guardrail<'a> {
    /// Its id, `p-…`.
    pub(crate) id: String,
    kind: GuardKind,
    filled: Option<Filled<'a>>,
    /// What it is attached to; `None` where that was not read.
    attached: Option<&'a Answer>,
}

/// The policies of one kind that guard an account, level by level from the root.
pub(crate) struct Guards<'g, 'a> {
    /// The kind.
    pub(crate) kind: GuardKind,
    levels: Vec<Vec<Guard<'g, 'a>>>,
    /// The first level at which no SCP was found. There is always one, so the list is not whole.
    pub(crate) without_scp: Option<String>,
}

/// One policy at one level; one that was not read may say anything.
struct Guard<'g, 'a> {
    document: Document<'a>,
    guardrail: Option<&'g Guardrail<'a>>,
}

impl<'a> Guardrails<'a> {
    /// Reads the policies of a kind that are attached to any of these: a root, OUs, accounts.
    ///
    /// That a policy is none of them its type shows, or what it is attached to: where both do,
    /// neither is recorded as read.
    ///
    /// # Errors
    /// What is missing where not even the list of policies is there.
    pub(crate) fn read(view: &View<'a>, kind: GuardKind, levels: &[&str]) -> Result<Self, Missing> {
        let index = Slot::organization_policies();
        let list = view.read(&index).map_err(|gap| gap.missing())?;
        let entries = list.root().member("Policies").map(Node::elements).unwrap_or_default();
        let mut found = Self { policies: Vec::new(), missing: Vec::new() };
        for entry in entries {
            let Some(id) = entry.member("Id").and_then(Node::as_str) else { continue };
            let listed = entry.member("Type").and_then(Node::as_str);
            if listed.is_some_and(|named| named != kind.policy_type()) {
                continue;
            }
            let (policy, attachments) =
                (Slot::organization_policy(id), Slot::organization_policy_targets(id));
            let other_kind = view
                .peek(&policy)
                .and_then(|answer| shown_type(&answer.root))
                .is_some_and(|shown| shown != kind.policy_type());
            let elsewhere = view
                .peek(&attachments)
                .is_some_and(|answer| !levels.iter().any(|level| is_target(answer, level)));
            let recorded = match (other_kind, elsewhere) {
                (true, true) => continue,
                (true, false) => view.read(&policy).err(),
                (false, true) => view.read(&attachments).err(),
                (false, false) => {
                    found.add(view, kind, id);
                    continue;
                }
            };
            found.missing.extend(recorded.map(|gap| gap.missing()));
        }
        Ok(found)
    }

    /// The policies of a kind that were found before. Their reads were recorded then.
    pub(crate) fn listed(view: &View<'a>, kind: GuardKind, listed: &Listed) -> Self {
        let policies = listed.ids.iter().map(|id| Guardrail {
            id: id.clone(),
            kind,
            filled: view.already(&Slot::organization_policy(id)),
            attached: view
                .already(&Slot::organization_policy_targets(id))
                .map(|filled| filled.answer),
        });
        Self { policies: policies.collect(), missing: listed.missing.clone() }
    }

    pub(crate) fn into_listed(self) -> Listed {
        let ids = self.policies.into_iter().map(|policy| policy.id).collect();
        Listed { ids, missing: self.missing }
    }

    fn add(&mut self, view: &View<'a>, kind: GuardKind, id: &str) {
        let (policy, attachments) =
            (Slot::organization_policy(id), Slot::organization_policy_targets(id));
        let mut read = |slot: &Slot| match view.read(slot) {
            Ok(filled) => Some(filled),
            Err(gap) => {
                self.missing.push(gap.missing());
                None
            }
        };
        let (filled, attached) = (read(&policy), read(&attachments));
        let is_of_use = |filled: &Filled<'a>| {
            shown_type(filled.root()).is_some() && filled.document().is_some()
        };
        if filled.as_ref().is_some_and(|filled| !is_of_use(filled)) {
            self.missing.push(policy.missing(Why::Unreadable, None));
        }
        let attached = attached.map(|filled| filled.answer);
        // One that was not read may be of any kind and say anything.
        self.policies.push(Guardrail { id: id.to_owned(), kind, filled, attached });
    }

    /// Whether there is a policy of the kind.
    pub(crate) fn has(&self, kind: GuardKind) -> bool {
        self.policies.iter().any(|policy| policy.kind == kind)
    }

    /// The policies of one kind that guard an account below these parents.
    pub(crate) fn of<'g>(
        &'g self,
        view: &View<'a>,
        kind: GuardKind,
        parents: &[String],
        account: &str,
    ) -> Guards<'g, 'a> {
        let mut levels = Vec::new();
        let mut without_scp = None;
        for (depth, level) in parents.iter().map(String::as_str).chain([account]).enumerate() {
            let mut guards: Vec<Guard<'g, 'a>> = Vec::new();
            for policy in self.policies.iter().filter(|policy| policy.kind == kind) {
                match policy.attached {
                    Some(attached) if is_target(attached, level) => {
                        guards.push(Guard { document: policy.document(), guardrail: Some(policy) });
                    }
                    Some(_) => {}
                    // Where it is attached is not known; at the root it reaches every account.
                    None if depth == 0 => {
                        guards.push(Guard { document: Document::Unknown, guardrail: None });
                    }
                    None => {}
                }
            }
            match kind {
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
        Guards { kind, levels, without_scp }
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
            .unwrap_or(&self.id)
    }
}

impl<'g, 'a> Guards<'g, 'a> {
    /// For the evaluator.
    pub(crate) fn levels(&self) -> Levels<'a> {
        let documents = |guards: &Vec<Guard<'_, 'a>>| {
            Documents::Known(guards.iter().map(|guard| guard.document).collect())
        };
        Levels::Known(self.levels.iter().map(documents).collect())
    }

    /// The policies that were read, each once.
    pub(crate) fn policies(&self) -> Vec<&'g Guardrail<'a>> {
        let mut found: Vec<&'g Guardrail<'a>> = Vec::new();
        for guardrail in self.levels.iter().flatten().filter_map(|guard| guard.guardrail) {
            if !found.iter().any(|one| one.id == guardrail.id) {
                found.push(guardrail);
            }
        }
        found
    }

    /// The policies of a level.
    pub(crate) fn at(&self, level: usize) -> Vec<&'g Guardrail<'a>> {
        let guards = self.levels.get(level).into_iter().flatten();
        guards.filter_map(|guard| guard.guardrail).collect()
    }

    /// The policy that a decision names.
    pub(crate) fn named(&self, place: Place) -> Option<&'g Guardrail<'a>> {
        let (level, index) = match (place, self.kind) {
            (Place::Scp(level, index), GuardKind::Scp)
            | (Place::Rcp(level, index), GuardKind::Rcp) => (level, index),
            _ => return None,
        };
        self.levels.get(level)?.get(index)?.guardrail
    }
}
