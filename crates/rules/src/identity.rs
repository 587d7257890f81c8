//! The policies of a role, as far as they are known.

use copy_preflight_policy::iam::{Document, Documents, Place, Policy};
use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::Node;

use crate::arn::RoleArn;
use crate::inputs::Address;
use crate::outcome::{Label, Missing};
use crate::view::{Slot, View};

/// The identity policies and the boundary of a role.
pub(crate) struct RolePolicies<'a> {
    identity: Vec<RolePolicy<'a>>,
    boundary: Option<RolePolicy<'a>>,
    /// Rows of facts that stood in for documents.
    pub(crate) facts: Vec<&'a str>,
}

/// One policy of a role.
pub(crate) struct RolePolicy<'a> {
    /// The policy.
    pub(crate) policy: &'a Policy,
    /// Its name, without path.
    pub(crate) name: String,
    /// The slot that it fills; `None` where the facts stood in for it.
    pub(crate) slot: Option<String>,
}

impl RolePolicy<'_> {
    /// A label in the policy, where a document holds it.
    pub(crate) fn label(&self, span: Span, note: impl Into<String>) -> Option<Label> {
        let slot = self.slot.clone()?;
        Some(Label { slot, span, note: note.into() })
    }
}

impl<'a> RolePolicies<'a> {
    /// The policies of the service-linked role of AWS Backup: the text that the account shows
    /// where it was read, else the one that AWS publishes. `None` where the facts lack it.
    pub(crate) fn service_linked(view: &View<'a>, role: &RoleArn) -> Option<Self> {
        let published = view.facts.managed_policy("AWSBackupServiceLinkedRolePolicyForBackup")?;
        let (_, path) = published.arn.split_once(":iam::")?;
        let address = Address::RolePolicy {
            role: role.clone(),
            policy: format!("arn:{}:iam::{path}", role.partition),
        };
        let slot = Slot::named("destination-service-linked-role-policy", address);
        let name = published.name.clone();
        let policy = match view.peek(&slot).and_then(|answer| answer.policy.as_ref()) {
            Some(document) => RolePolicy { policy: &document.policy, name, slot: Some(slot.name) },
            None => RolePolicy { policy: &published.policy, name, slot: None },
        };
        Some(Self { identity: vec![policy], boundary: None, facts: vec![&published.fact] })
    }

    /// The policies of a role, from its two lists and each policy they name.
    ///
    /// # Errors
    /// What is missing. A policy of AWS that the facts hold is never missing.
    pub(crate) fn of_role(
        view: &View<'a>,
        part: &str,
        role: &RoleArn,
    ) -> Result<Self, Vec<Missing>> {
        let mut found = Self { identity: Vec::new(), boundary: None, facts: Vec::new() };
        let mut missing = Vec::new();
        let role_slot = Slot::named(part, Address::Role(role.clone()));
        let mut names: Vec<String> = Vec::new();
        for (suffix, address, list, member) in [
            (
                "attached",
                Address::RoleAttached(role.clone()),
                "AttachedPolicies",
                Some("PolicyArn"),
            ),
            ("inline", Address::RoleInline(role.clone()), "PolicyNames", None),
        ] {
            let slot = Slot::named(&format!("{part}-{suffix}"), address);
            match view.read(&slot) {
                Ok(filled) => {
                    let list = filled.root().member(list).map(Node::elements).unwrap_or_default();
                    names.extend(list.iter().filter_map(|entry| match member {
                        Some(member) => Some(entry.member(member)?.as_str()?.to_owned()),
                        None => Some(format!("inline:{}", entry.as_str()?)),
                    }));
                }
                Err(gap) => missing.push(gap.missing()),
            }
        }
        match view.read(&role_slot) {
            Ok(filled) => {
                let boundary = filled
                    .root()
                    .member("Role")
                    .and_then(|role| role.member("PermissionsBoundary"));
                let arn = boundary
                    .and_then(|boundary| boundary.member("PermissionsBoundaryArn"))
                    .and_then(Node::as_str);
                if let Some(arn) = arn {
                    found.boundary = found.read(view, part, role, arn, &mut missing);
                }
            }
            Err(gap) => missing.push(gap.missing()),
        }
        for name in &names {
            if let Some(policy) = found.read(view, part, role, name, &mut missing) {
                found.identity.push(policy);
            }
        }
        if missing.is_empty() { Ok(found) } else { Err(missing) }
    }

    fn read(
        &mut self,
        view: &View<'a>,
        part: &str,
        role: &RoleArn,
        name: &str,
        missing: &mut Vec<Missing>,
    ) -> Option<RolePolicy<'a>> {
        let short = name.strip_prefix("inline:").or(name.rsplit('/').next()).unwrap_or(name);
        let address = Address::RolePolicy { role: role.clone(), policy: name.to_owned() };
        let slot = Slot::named(&format!("{part}-policy[{short}]"), address);
        let found = |policy: &'a Policy, slot: Option<&Slot>| RolePolicy {
            policy,
            name: short.to_owned(),
            slot: slot.map(|slot| slot.name.clone()),
        };
        let published = name.rsplit_once("::aws:policy/").and_then(|(_, path)| {
            view.facts.managed_policy(path.rsplit('/').next().unwrap_or(path))
        });
        if let Some(published) = published {
            // AWS publishes the text; the account's copy of it is read only where it is there.
            if let Some(policy) = view.peek(&slot).and_then(|answer| answer.policy.as_ref()) {
                return Some(found(&policy.policy, Some(&slot)));
            }
            self.facts.push(&published.fact);
            return Some(found(&published.policy, None));
        }
        match view.read(&slot) {
            Ok(filled) => match filled.document() {
                Some(document) => Some(found(&document.policy, Some(&slot))),
                None => {
                    missing.push(slot.missing(crate::inputs::Why::Unreadable, None));
                    None
                }
            },
            Err(gap) => {
                missing.push(gap.missing());
                None
            }
        }
    }

    /// The identity policies for the evaluator.
    pub(crate) fn identity(&self) -> Documents<'a> {
        Documents::Known(self.identity.iter().map(|one| Document::Known(one.policy)).collect())
    }

    /// The boundary for the evaluator.
    pub(crate) fn boundary(&self) -> Option<Documents<'a>> {
        self.boundary.as_ref().map(|one| Documents::Known(vec![Document::Known(one.policy)]))
    }

    /// All policies.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Policy> {
        self.identity.iter().chain(&self.boundary).map(|one| one.policy)
    }

    /// The policy that a decision names.
    pub(crate) fn named(&self, place: Place) -> Option<&RolePolicy<'a>> {
        match place {
            Place::Identity(index) => self.identity.get(index),
            Place::Boundary(_) => self.boundary.as_ref(),
            _ => None,
        }
    }

    /// The identity policies in the order in which the evaluator gets them.
    pub(crate) fn attached(&self) -> &[RolePolicy<'a>] {
        &self.identity
    }

    /// The permissions boundary.
    pub(crate) fn limit(&self) -> Option<&RolePolicy<'a>> {
        self.boundary.as_ref()
    }
}
