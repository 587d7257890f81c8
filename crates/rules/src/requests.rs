//! The requests of a copy: who asks what of which key or vault, in which context.
//!
//! Everything that is known of the context comes from the documents and from the facts on the
//! steps of a copy; what neither tells stays unknown.

use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, ContextValue, Decision, DenyKind, Outcome as Decided, Policies, Request,
    decide,
};
use copy_preflight_policy::Truth;
use copy_preflight_policy::text::{Piece, Text};
use copy_preflight_policy::tree::Node;

use crate::arn::{KeyArn, RoleArn};
use crate::view::{Slot, View};

/// The answers to the forms in which one request may be made.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// What all forms agree on; depends where they differ.
    pub(crate) outcome: Decided,
    /// Each form with its decision.
    pub(crate) forms: Vec<Form>,
}

/// One form of a request with its decision.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// What sets it apart, such as `through ec2.eu-west-1.amazonaws.com`.
    pub(crate) words: String,
    /// The request.
    pub(crate) request: Request,
    /// The decision.
    pub(crate) decision: Decision,
}

impl Asked {
    /// Whether the forms were decided differently.
    pub(crate) fn differ(&self) -> bool {
        self.forms.iter().any(|form| form.decision.outcome != Decided::Depends)
            && self.outcome == Decided::Depends
    }

    /// The form that decides: the first that was not allowed, else the first.
    pub(crate) fn worst(&self) -> Option<&Form> {
        self.forms.iter().find(|form| form.decision.outcome != Decided::Allow).or(self.forms.first())
    }
}

/// Asks the evaluator for all forms of a request.
pub(crate) fn ask(view: &View<'_>, policies: &Policies<'_>, forms: Vec<(String, Request)>) -> Asked {
    let forms: Vec<Form> = forms
        .into_iter()
        .map(|(words, request)| {
            let decision = decide(&request, policies, view.facts.catalogue());
            Form { words, request, decision }
        })
        .collect();
    let outcome = forms.iter().map(|form| form.decision.outcome).reduce(|one, other| match (one, other) {
        (Decided::Allow, Decided::Allow) => Decided::Allow,
        (Decided::Deny(one), Decided::Deny(other)) => {
            Decided::Deny(if one == other { one } else { DenyKind::Implicit })
        }
        _ => Decided::Depends,
    });
    Asked { outcome: outcome.unwrap_or(Decided::Depends), forms }
}

/// A session of a role; its name is not known.
pub(crate) fn role_caller(role: &RoleArn, kind: CallerKind) -> Caller {
    let RoleArn { partition, account, name, .. } = role;
    let session = format!("arn:{partition}:sts::{account}:assumed-role/{name}/");
    Caller {
        kind,
        principal: Text::from_pieces([Piece::Known(session.into()), Piece::Gap]),
        account: Some(account.as_str().into()),
        role_arn: Some(role.to_string().into()),
    }
}

/// The copy role of the source account; where nobody named it, some role of that account.
pub(crate) fn copy_role_caller(view: &View<'_>) -> Caller {
    if let Some(role) = &view.copy.role {
        return role_caller(role, CallerKind::Role);
    }
    let source = &view.copy.source;
    let session = format!("arn:{}:sts::{}:assumed-role/", source.partition, source.account);
    Caller {
        kind: CallerKind::Role,
        principal: Text::from_pieces([Piece::Known(session.into()), Piece::Gap]),
        account: Some(source.account.as_str().into()),
        role_arn: None,
    }
}

/// The service-linked role of AWS Backup in the destination account.
pub(crate) fn service_linked_role(view: &View<'_>) -> RoleArn {
    let destination = &view.copy.destination;
    RoleArn::service_linked(&destination.partition, &destination.account)
}

/// What is known of the context keys of every request of a caller: the keys that name the
/// principal, the keys that only calls of a service or from a network carry, and, by the
/// service lists, the keys that the action does not have.
///
/// Source: the rows `steps-context-*` and the table `condition-keys`.
pub(crate) fn base_context(view: &View<'_>, action: &Action, role: Option<&RoleArn>, account: &str) -> Context {
    let mut context = Context::open();
    for row in view.facts.rows() {
        match row.table.as_str() {
            "steps" if row.id.starts_with("steps-context-absent") => {
                for key in row.strings("context_absent").filter(|key| !key.contains("${")) {
                    context.set(key, ContextValue::Absent);
                }
            }
            "condition-keys" => {
                let (Some(key), Some(service)) = (row.text("key"), row.text("service")) else { continue };
                let carried = row.strings("actions").any(|one| one.eq_ignore_ascii_case(&action.text))
                    || row.flag("key_operations") == Some(true);
                if service == action.service() && !carried && !key.contains("${") {
                    context.set(key, ContextValue::Absent);
                }
            }
            _ => {}
        }
    }
    // Keys of other services than the one that is called are never there.
    let known = |text: &str| ContextValue::Known(Text::from(text));
    for key in ["backup:CopyTargets", "backup:CopyTargetOrgPaths"] {
        if !action.text.eq_ignore_ascii_case("backup:CopyFromBackupVault") {
            context.set(key, ContextValue::Absent);
        }
    }
    context.set("aws:PrincipalAccount", known(account));
    context.set("aws:PrincipalType", known("AssumedRole"));
    context.set("aws:PrincipalIsAWSService", known("false"));
    context.set("aws:userid", ContextValue::Present);
    context.set("aws:RequestedRegion", ContextValue::Present);
    match role {
        Some(role) => context.set("aws:PrincipalArn", known(&role.to_string())),
        None => {
            let partition = &view.copy.source.partition;
            let arn = Piece::Known(format!("arn:{partition}:iam::{account}:role/").into());
            context.set("aws:PrincipalArn", ContextValue::Known(Text::from_pieces([arn, Piece::Gap])));
        }
    }
    match view.now {
        Some(now) => {
            context.set("aws:CurrentTime", known(&now.to_string()));
            context.set("aws:EpochTime", known(&now.as_second().to_string()));
        }
        None => {
            context.set("aws:CurrentTime", ContextValue::Present);
            context.set("aws:EpochTime", ContextValue::Present);
        }
    }
    context
}

/// Sets the organization of the caller's account, from the account's own answer.
pub(crate) fn add_organization(view: &View<'_>, context: &mut Context, slot: &Slot, account: &str) {
    match view.read(slot) {
        Ok(filled) => {
            let organization = filled.root().member("Organization");
            match organization.and_then(|organization| organization.member("Id")).and_then(Node::as_str) {
                Some(id) => context.set("aws:PrincipalOrgID", ContextValue::Known(id.into())),
                None => context.set("aws:PrincipalOrgID", ContextValue::Unknown),
            }
        }
        Err(gap) if gap.is_not_found() => {
            context.set("aws:PrincipalOrgID", ContextValue::Absent);
            context.set("aws:PrincipalOrgPaths", ContextValue::Absent);
            return;
        }
        Err(_) => context.set("aws:PrincipalOrgID", ContextValue::Unknown),
    }
    let management = view.read(slot).ok().and_then(|filled| {
        filled.root().member("Organization")?.member("MasterAccountId")?.as_str()
    });
    // The management account stands under the root of its organization like any other.
    let _ = (management, account);
    context.set("aws:PrincipalOrgPaths", ContextValue::Present);
}

/// Sets the path of the caller's account in its organization.
pub(crate) fn add_organization_path(view: &View<'_>, context: &mut Context, organization: &Slot, account: &str) {
    let Some(id) = view.read(organization).ok().and_then(|filled| {
        filled.root().member("Organization")?.member("Id")?.as_str().map(str::to_owned)
    }) else {
        return;
    };
    let tree = Slot::organization_tree();
    let path = match view.read(&tree) {
        Ok(filled) => path_in_tree(filled.root(), &id, account),
        Err(_) => view.read(&Slot::organization_accounts()).ok().and_then(|filled| path_of_account(filled.root(), account)),
    };
    if let Some(path) = path {
        context.set("aws:PrincipalOrgPaths", ContextValue::Many(vec![path.into()]));
    }
}

/// `o-…/r-…/ou-…/`, walked upward from the account.
fn path_in_tree(tree: &Node, organization: &str, account: &str) -> Option<String> {
    let mut parents = Vec::new();
    let mut child = account;
    // An organization has at most five levels of OUs below its root.
    for _ in 0..8 {
        let parent = tree.member(child)?.as_str()?;
        parents.push(parent);
        if parent.starts_with("r-") {
            let path: String = parents.iter().rev().map(|parent| format!("{parent}/")).collect();
            return Some(format!("{organization}/{path}"));
        }
        child = parent;
    }
    None
}

/// The path that Organizations shows for an account, without the account itself.
fn path_of_account(accounts: &Node, account: &str) -> Option<String> {
    let list = accounts.member("Accounts")?.elements();
    let entry = list.iter().find(|entry| entry.member("Id").and_then(Node::as_str) == Some(account))?;
    let path = entry.member("Paths")?.elements().first()?.as_str()?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let path = path.strip_suffix(account).unwrap_or(path);
    Some(if path.ends_with('/') { path.to_owned() } else { format!("{path}/") })
}

/// A request on a key.
pub(crate) fn key_request(
    action: Action,
    key: &KeyArn,
    caller: Caller,
    context: Context,
    aws_managed: Truth,
) -> Request {
    Request {
        action,
        resource: key.to_string().into(),
        resource_account: Some(key.account.as_str().into()),
        caller,
        context,
        via_vpc_endpoint: Truth::False,
        aws_managed_key: aws_managed,
        management_account: None,
    }
}
