//! From what the user names to planned copies.

mod backup_plan;
mod fetched;
mod kinds;
pub mod policy;
mod selection;

use std::collections::BTreeSet;

use copy_preflight_policy::tree::Node;

use crate::arn::{Arn, CallerArn, RoleArn, VaultArn};
use crate::copy::{From, FromKind, Lifecycle, PlannedCopy, SourceKeys};
use crate::facts::Facts;
use crate::inputs::{Address, Entry, Inputs, Problem};
use crate::view::Slot;
use kinds::{Kind, resource_arn, variant_of};

/// What the user names on the command line.
#[derive(Debug, Clone)]
pub struct Request {
    /// The vault that copies leave.
    pub source: VaultArn,
    /// The vaults that copies enter; with a backup plan, those of its destinations that are asked
    /// for, and none for all.
    pub destinations: Vec<VaultArn>,
    /// The resource types; empty for all.
    pub resource_types: Vec<String>,
    /// The variant of the types.
    pub variant: Option<String>,
    /// The keys of the source.
    pub source_keys: SourceKeys,
    /// The copy role.
    pub role: Option<RoleArn>,
    /// An existing recovery point.
    pub recovery_point: Option<String>,
    /// Who starts the copy job.
    pub caller: Option<CallerArn>,
    /// The lifecycle of the copies.
    pub lifecycle: Lifecycle,
    /// A backup plan, as `backup get-backup-plan` answers it: its rules and copy actions plan the
    /// copies. Of the source vault it takes the account and the Region, and of itself the name.
    pub backup_plan: Option<Node>,
    /// The id of a backup plan in the account and Region of the source vault, read from there.
    pub backup_plan_id: Option<String>,
    /// The id of a copy job in the account and Region of the source vault: vaults, recovery point
    /// and role are those of the job.
    pub copy_job: Option<String>,
}

/// The copies to judge.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The copies, in the order in which they are told.
    pub copies: Vec<Planned>,
    /// The documents that the plan itself was made from.
    pub slots: Vec<Slot>,
    /// Answers that the plan needs and nobody looked at.
    pub wanted: BTreeSet<Address>,
    /// What in a backup plan could not be planned.
    pub problems: Vec<Problem>,
    /// Whether there are copies that could not be planned, so that the rest can never be clear.
    pub incomplete: bool,
}

/// One planned copy of a plan.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The copy.
    pub copy: PlannedCopy,
    /// Whether it counts for the verdict.
    pub counts: bool,
    /// Why it cannot be said that there will be this copy, whatever is said of it.
    pub doubt: Option<String>,
}

/// Plans the copies: each destination with each resource type and variant.
#[must_use]
pub fn plan(request: &Request, inputs: &Inputs, facts: &Facts) -> Plan {
    let mut plan = Plan::default();
    if let Some(document) = &request.backup_plan {
        backup_plan::expand(&mut plan, request, (document, None), inputs, facts);
        return plan;
    }
    if let Some(id) = &request.backup_plan_id {
        fetched::backup_plan(&mut plan, request, id, inputs, facts);
        return plan;
    }
    let from = match &request.copy_job {
        Some(id) => From { kind: FromKind::Job, name: Some(id.clone()), rule: None },
        None => From { kind: FromKind::Flags, name: None, rule: None },
    };
    let of_job = match &request.copy_job {
        Some(id) => match fetched::copy_job(&mut plan, request, id, inputs) {
            Some(request) => Some(request),
            None => return plan,
        },
        None => None,
    };
    let request = of_job.as_ref().unwrap_or(request);
    let mut template = PlannedCopy {
        from,
        source: request.source.clone(),
        destination: request.source.clone(),
        resource_type: None,
        variant: request.variant.clone(),
        recovery_point: request.recovery_point.clone(),
        source_keys: request.source_keys.clone(),
        role: request.role.clone(),
        caller: request.caller.clone(),
        lifecycle: request.lifecycle,
        source_lifecycle: None,
        plan_size: None,
    };
    let kinds = match &request.recovery_point {
        Some(arn) => {
            let slot = Slot::recovery_point(&request.source, arn);
            let point = plan.read(&slot, inputs);
            if let Some(point) = point
                && template.source_keys == SourceKeys::NotGiven
            {
                template.source_keys = keys_of(point);
            }
            vec![kind_of_point(request, arn, point, facts)]
        }
        None => {
            let named = (&request.source, request.resource_types.as_slice());
            plan.future_kinds(named, request.variant.as_deref(), inputs, facts)
        }
    };
    for destination in &request.destinations {
        for kind in &kinds {
            let copy = PlannedCopy {
                destination: destination.clone(),
                resource_type: kind.resource_type.clone(),
                variant: kind.variant.clone(),
                ..template.clone()
            };
            plan.copies.push(Planned { copy, counts: kind.counts, doubt: None });
        }
    }
    plan
}

impl Plan {
    fn read<'a>(&mut self, slot: &Slot, inputs: &'a Inputs) -> Option<&'a Node> {
        self.slots.push(slot.clone());
        match inputs.get(&slot.address) {
            Some(Entry::Present(answer)) => Some(&answer.root),
            Some(Entry::Absent(_)) => None,
            None => {
                self.wanted.insert(slot.address.clone());
                None
            }
        }
    }
}

fn kind_of_point(request: &Request, arn: &str, point: Option<&Node>, facts: &Facts) -> Kind {
    let shown = point.and_then(|point| point.member("ResourceType")).and_then(Node::as_str);
    let named = request.resource_types.first().map(String::as_str);
    let resource_type = shown.or(named).or_else(|| type_of_arn(facts, arn));
    let variant = request.variant.clone().or_else(|| {
        variant_of(facts, resource_type?, arn, point.map(resource_arn).unwrap_or_default())
    });
    Kind { resource_type: resource_type.map(str::to_owned), variant, counts: true }
}

/// The type of a recovery point whose ARN has a form that only one type has.
fn type_of_arn<'a>(facts: &'a Facts, arn: &str) -> Option<&'a str> {
    let arn = Arn::parse(arn)?;
    let form = |pattern: &str| -> Option<(String, String)> {
        let pattern = Arn::parse(pattern)?;
        let kind = pattern.resource.split(['/', ':']).next()?;
        Some((pattern.service.to_owned(), kind.to_owned()))
    };
    let kind = arn.resource.split(['/', ':']).next()?;
    let mut types: Vec<&str> = facts
        .copy_support()
        .iter()
        .filter(|row| {
            form(&row.recovery_point_arn)
                .is_some_and(|(service, form)| service == arn.service && form == kind)
        })
        .map(|row| row.resource_type.as_str())
        .collect();
    types.dedup();
    match types.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// The keys that a recovery point shows.
fn keys_of(point: &Node) -> SourceKeys {
    let encrypted = point.member("IsEncrypted").and_then(Node::as_bool);
    let key = point.member("EncryptionKeyArn").and_then(Node::as_str);
    match (encrypted, key.map(str::parse)) {
        (_, Some(Ok(key))) => SourceKeys::Given(vec![key]),
        (Some(false), None) => SourceKeys::Unencrypted,
        _ => SourceKeys::NotGiven,
    }
}

/// The resource types that an ARN of a selection, perhaps with wildcards, can stand for; `None` for
/// any.
pub(crate) fn selected_types(facts: &Facts, arn: &str) -> Option<BTreeSet<String>> {
    let types = selection::types_of(facts, arn)?;
    Some(types.into_iter().map(|selected| selected.resource_type).collect())
}
