//! Who asks.

use copy_preflight_policy::iam::{Caller, CallerKind};
use copy_preflight_policy::text::{Piece, Text};

use crate::arn::RoleArn;
use crate::inputs::Address;
use crate::view::{Slot, View};

/// The principal of a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Who {
    /// Its account.
    pub(crate) account: String,
    /// Its role; `None` for the copy role where nobody named it.
    pub(crate) role: Option<RoleArn>,
    /// Role or service-linked role.
    pub(crate) kind: CallerKind,
    /// The slot of the organization that the account is in.
    pub(crate) organization: Slot,
}

impl Who {
    /// The role that AWS Backup assumes in the source account.
    pub(crate) fn copy_role(view: &View<'_>) -> Self {
        Self {
            account: view.copy.source.account.clone(),
            role: view.copy.role.clone(),
            kind: kind_of(view.copy.role.as_ref()),
            organization: Slot::source_organization(&view.copy),
        }
    }

    /// The service-linked role of AWS Backup in the destination account.
    pub(crate) fn destination_service_linked_role(view: &View<'_>) -> Self {
        let vault = &view.copy.destination;
        Self {
            account: vault.account.clone(),
            role: Some(RoleArn::service_linked(&vault.partition, &vault.account)),
            kind: CallerKind::ServiceLinkedRole,
            organization: Slot::destination_organization(&view.copy),
        }
    }

    /// A role that starts a copy job.
    pub(crate) fn role(role: &RoleArn) -> Self {
        let account = role.account.clone();
        Self {
            organization: Slot::named(
                "caller-organization",
                Address::Organization { account: account.clone() },
            ),
            account,
            role: Some(role.clone()),
            kind: kind_of(Some(role)),
        }
    }

    /// The caller as the evaluator sees it: a session whose name is not known.
    pub(crate) fn caller(&self, view: &View<'_>, partition: &str) -> Caller {
        let question = (self.clone(), partition.to_owned());
        let kept = view.find_part(&view.memory().callers, question, || self.caller_anew(partition));
        kept.value.clone()
    }

    fn caller_anew(&self, partition: &str) -> Caller {
        let name = self.role.as_ref().map(|role| format!("{}/", role.name)).unwrap_or_default();
        let session = format!("arn:{partition}:sts::{}:assumed-role/{name}", self.account);
        Caller {
            kind: self.kind,
            principal: Text::from_pieces([Piece::Known(session.into()), Piece::Gap]),
            account: Some(self.account.as_str().into()),
            role_arn: self.role.as_ref().map(|role| role.to_string().into()),
        }
    }

    /// `aws:PrincipalArn`: the role with its path, never the session.
    pub(crate) fn principal_arn(&self, partition: &str) -> Text {
        match &self.role {
            Some(role) => role.to_string().into(),
            None => {
                let known = format!("arn:{partition}:iam::{}:role/", self.account);
                Text::from_pieces([Piece::Known(known.into()), Piece::Gap])
            }
        }
    }
}

/// The path tells a service-linked role, which stands outside SCPs and RCPs.
fn kind_of(role: Option<&RoleArn>) -> CallerKind {
    match role {
        Some(role) if role.path.starts_with("/aws-service-role/") => CallerKind::ServiceLinkedRole,
        _ => CallerKind::Role,
    }
}
