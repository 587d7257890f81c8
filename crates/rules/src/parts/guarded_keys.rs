//! The use of keys that stands inside the guardrails: that of everybody but the service-linked
//! role of the destination.

use copy_preflight_policy::iam::{
    Action, Caller, CallerKind, Context, ContextValue, Policy, Request,
};
use copy_preflight_policy::text::{Piece, Text};

use super::subject::{key_of_vault, source_key_part};
use crate::arn::KeyArn;
use crate::copy::SourceKeys;
use crate::facts::{CopySupport, Decides, Step, StepPrincipal, StepResource};
use crate::organization;
use crate::outcome::{Missing, Outcome};
use crate::requests::{
    KeyPart, Who, is_air_gapped, key_request, published_operations, routes, service_key_request,
};
use crate::view::{Slot, View};

/// EC2 uses keys of snapshots and images as a role of its own.
pub(crate) const EC2: &str = "organization-ec2-infrastructure-inside-guardrails";
/// A service of AWS Backup uses the keys of vaults.
pub(crate) const STORAGE: &str = "organization-backup-storage-inside-guardrails";

/// One user of one key.
pub(crate) struct KeyCall<'a> {
    /// What a message calls the user.
    pub(crate) caller: &'static str,
    /// What says that it is inside the guardrails.
    pub(crate) fact: &'static str,
    /// The key.
    pub(crate) key: KeyArn,
    /// The part that the key plays.
    pub(crate) part: String,
    /// The accounts whose SCPs may bind the user, with the slots of their organization.
    pub(crate) bound_by: Vec<(Slot, String)>,
    /// What the user does with the key.
    pub(crate) steps: Vec<KeyStep<'a>>,
    user: User,
    support: &'a CopySupport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum User {
    CopyRole,
    Ec2,
    Storage,
}

/// One action on a key.
pub(crate) struct KeyStep<'a> {
    /// The action.
    pub(crate) action: Action,
    /// The step that names it; `None` where no page says which actions there are.
    step: Option<&'a Step>,
}

impl KeyStep<'_> {
    /// Whether the copy fails without it.
    pub(crate) fn decides(&self) -> Decides {
        self.step.map_or(Decides::Unknown, |step| step.decides)
    }

    /// Rests an outcome on what says that the step is made.
    pub(crate) fn rest(&self, outcome: Outcome) -> Outcome {
        match self.step {
            Some(step) => outcome.rests_on(&step.fact, step.certainty),
            None => outcome,
        }
    }

    /// The requests that the step may be.
    pub(crate) fn requests(
        &self,
        view: &View<'_>,
        call: &KeyCall<'_>,
        policies: &[&Policy],
    ) -> Vec<Request> {
        let part = KeyPart { name: &call.part, key: &call.key };
        match (call.user, self.step) {
            (User::CopyRole, Some(step)) => routes(view, step, &self.action.text, call.support)
                .iter()
                .map(|route| {
                    let (who, action) = (Who::copy_role(view), self.action.clone());
                    key_request(view, &who, action, part, route, call.support, policies)
                })
                .collect(),
            (User::Storage, _) => storage_service(view)
                .map(|service| {
                    service_key_request(view, service, self.action.clone(), part, policies)
                })
                .into_iter()
                .collect(),
            _ => vec![ec2_request(view, self.action.clone(), part)],
        }
    }
}

/// Who uses which key, and whose SCPs bind the user.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyQuestion {
    user: User,
    part: String,
    key: KeyArn,
    bound_by: Vec<(Slot, String)>,
}

impl KeyCall<'_> {
    /// All that the call is made of, where that does not hang on the type of the resource.
    pub(crate) fn question(&self) -> Option<KeyQuestion> {
        (self.user != User::CopyRole).then(|| KeyQuestion {
            user: self.user,
            part: self.part.clone(),
            key: self.key.clone(),
            bound_by: self.bound_by.clone(),
        })
    }

    /// Whether the copy role is the user.
    pub(crate) fn is_of_copy_role(&self) -> bool {
        self.user == User::CopyRole
    }
}

/// Who uses which key for a copy. A key that is not known is left out: other rules ask for it.
///
/// # Errors
/// What is missing to tell.
pub(crate) fn key_calls<'a>(
    view: &View<'a>,
    support: &'a CopySupport,
) -> Result<Vec<KeyCall<'a>>, Vec<Missing>> {
    let copy = &view.copy;
    let read = |slot: &Slot| view.read(slot).map_err(|gap| vec![gap.missing()]);
    let (source, destination) = (Slot::source_vault(copy), Slot::destination_vault(copy));
    let source_air_gapped = is_air_gapped(view, &read(&source)?);
    let destination_air_gapped = is_air_gapped(view, &read(&destination)?);
    let vault_key = |slot: &Slot| key_of_vault(view, slot, "").ok().map(|found| found.key);
    let mut calls = Vec::new();
    let mut add = |user: User, part: &str, key: Option<KeyArn>, resource: StepResource| {
        calls.extend(key.map(|key| key_call(view, support, user, part, key, resource)));
    };
    if source_air_gapped {
        let resource = StepResource::AirGappedSourceKey;
        add(User::CopyRole, "source-vault-key", vault_key(&source), resource);
    }
    if destination_air_gapped {
        let resource = StepResource::AirGappedDestinationKey;
        add(User::CopyRole, "destination-key", vault_key(&destination), resource);
    }
    if support.fully_managed.value {
        if !source_air_gapped {
            let resource = StepResource::SourceKey;
            add(User::Storage, "source-vault-key", vault_key(&source), resource);
        }
        if !destination_air_gapped {
            let resource = StepResource::DestinationKey;
            add(User::Storage, "destination-key", vault_key(&destination), resource);
        }
        return Ok(calls);
    }
    let user = match copy.is_cross_account() {
        false => User::CopyRole,
        true if uses_ec2(view, support) => User::Ec2,
        true => return Ok(calls),
    };
    if let SourceKeys::Given(keys) = copy.source_keys.look() {
        for (index, key) in keys.iter().enumerate() {
            let part = source_key_part(index);
            add(user, &part, Some(key.clone()), StepResource::SourceKey);
        }
    }
    if user == User::CopyRole && !destination_air_gapped {
        let resource = StepResource::DestinationKey;
        add(user, "destination-key", vault_key(&destination), resource);
    }
    Ok(calls)
}

fn uses_ec2(view: &View<'_>, support: &CopySupport) -> bool {
    let row = view.facts.row("steps-ec2-infrastructure");
    row.is_some_and(|row| row.strings("resource_types").any(|one| one == support.resource_type))
}

fn storage_service<'a>(view: &View<'a>) -> Option<&'a str> {
    view.facts.row(STORAGE)?.text("service_principal")
}

fn key_call<'a>(
    view: &View<'a>,
    support: &'a CopySupport,
    user: User,
    part: &str,
    key: KeyArn,
    resource: StepResource,
) -> KeyCall<'a> {
    let copy = &view.copy;
    let source = || (Slot::source_organization(copy), copy.source.account.clone());
    let destination = || (Slot::destination_organization(copy), copy.destination.account.clone());
    let (caller, fact, bound_by) = match user {
        User::CopyRole => {
            ("the copy role", "organization-copy-role-inside-guardrails", vec![source()])
        }
        User::Ec2 => ("the role `aws:ec2-infrastructure`", EC2, vec![source(), destination()]),
        User::Storage => ("the service `backup-storage.amazonaws.com`", STORAGE, Vec::new()),
    };
    let steps = match user {
        User::CopyRole => role_steps(view, support, resource),
        User::Ec2 | User::Storage => any_use(view),
    };
    KeyCall { caller, fact, key, part: part.to_owned(), bound_by, steps, user, support }
}

fn role_steps<'a>(
    view: &View<'a>,
    support: &CopySupport,
    resource: StepResource,
) -> Vec<KeyStep<'a>> {
    let steps = view.facts.steps().iter().filter(|step| {
        step.principal == StepPrincipal::CopyRole
            && step.resource == resource
            && step.applies(
                &support.resource_type,
                support.fully_managed.value,
                view.copy.is_cross_account(),
            )
    });
    steps
        .flat_map(|step| step.actions.iter().map(move |name| (step, name)))
        .filter_map(|(step, name)| Some(KeyStep { action: Action::parse(name)?, step: Some(step) }))
        .collect()
}

/// No page says which calls these are: whatever AWS publishes of grants for services.
fn any_use<'a>(view: &View<'a>) -> Vec<KeyStep<'a>> {
    let row = view.facts.row("organization-key-grant-operations");
    let names = row.into_iter().flat_map(published_operations);
    let actions = names.filter_map(|name| Action::parse(&format!("kms:{name}")));
    actions.map(|action| KeyStep { action, step: None }).collect()
}

/// A call of EC2 itself. In which of the two accounts its role stands is not described; the
/// accounts are of one organization, or another rule says so.
fn ec2_request(view: &View<'_>, action: Action, part: KeyPart<'_>) -> Request {
    let copy = &view.copy;
    let known = |text: &str| ContextValue::Known(Text::from(text));
    let arn = |service: &str, kind: &str| {
        let begin = format!("arn:{}:{service}::", part.key.partition);
        Text::from_pieces([
            Piece::Known(begin.into()),
            Piece::Gap,
            Piece::Known(format!(":{kind}/aws:ec2-infrastructure").into()),
        ])
    };
    let mut context = Context::open();
    context.set("aws:PrincipalArn", ContextValue::Known(arn("iam", "role")));
    context.set("aws:PrincipalIsAWSService", known("false"));
    context.set("aws:RequestedRegion", known(&part.key.region));
    context.set("aws:ResourceAccount", known(&part.key.account));
    let organization = view.read(&Slot::source_organization(copy)).ok();
    if let Some(id) = organization.as_ref().and_then(organization::id) {
        context.set("aws:PrincipalOrgID", known(id));
    }
    Request::new(
        action,
        part.key.to_string().into(),
        Some(part.key.account.as_str().into()),
        Caller {
            kind: CallerKind::Role,
            principal: arn("sts", "assumed-role"),
            account: None,
            role_arn: None,
        },
        context,
    )
}
