//! The policies of a role, as far as they are known.

use copy_preflight_policy::iam::{Document, Documents, Policy};
use copy_preflight_policy::tree::Node;

use crate::arn::RoleArn;
use crate::inputs::Address;
use crate::outcome::Missing;
use crate::view::{Slot, View};

/// The identity policies and the boundary of a role.
pub(crate) struct RolePolicies<'a> {
    identity: Vec<&'a Policy>,
    boundary: Option<&'a Policy>,
    /// Rows of facts that stood in for documents.
    pub(crate) facts: Vec<&'a str>,
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
        let mut found = Self { identity: Vec::new(), boundary: None, facts: vec![&published.fact] };
        match view.peek(&slot).and_then(|answer| answer.policy.as_ref()) {
            Some(document) => found.identity.push(&document.policy),
            None => found.identity.push(&published.policy),
        }
        Some(found)
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
    ) -> Option<&'a Policy> {
        let address = Address::RolePolicy { role: role.clone(), policy: name.to_owned() };
        let slot = Slot::named(&format!("{part}-policy"), address);
        let published = name.rsplit_once("::aws:policy/").and_then(|(_, path)| {
            view.facts.managed_policy(path.rsplit('/').next().unwrap_or(path))
        });
        if let Some(published) = published {
            // AWS publishes the text; the account's copy of it is read only where it is there.
            if let Some(policy) = view.peek(&slot).and_then(|answer| answer.policy.as_ref()) {
                return Some(&policy.policy);
            }
            self.facts.push(&published.fact);
            return Some(&published.policy);
        }
        match view.read(&slot) {
            Ok(filled) => match filled.document() {
                Some(document) => Some(&document.policy),
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
        Documents::Known(self.identity.iter().map(|&policy| Document::Known(policy)).collect())
    }

    /// The boundary for the evaluator.
    pub(crate) fn boundary(&self) -> Option<Documents<'a>> {
        self.boundary.map(|policy| Documents::Known(vec![Document::Known(policy)]))
    }

    /// All policies.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Policy> {
        self.identity.iter().copied().chain(self.boundary)
    }
}
