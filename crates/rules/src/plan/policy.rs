//! Effective backup policies: the copies that one plans in an account, with each type that it
//! backs up.

use std::collections::BTreeSet;

use copy_preflight_policy::management::backup::{self, CopyKind};
use copy_preflight_policy::management::{Entry, Value};

use super::selection::{Selection, types_of_all};
use super::{Plan, Planned};
use crate::arn::{RoleArn, VaultArn};
use crate::copy::{From, FromKind, Lifecycle, PlanSize, PlannedCopy, SourceKeys};
use crate::effective::{Judged, Standing};
use crate::facts::Facts;
use crate::inputs::Inputs;

/// The copies of an account.
#[derive(Debug, Default)]
pub struct AccountPlan {
    /// Those that can be judged.
    pub plan: Plan,
    /// Those that cannot, because their vaults are not known.
    pub unplanned: Vec<Unplanned>,
}

/// A copy that a policy plans, of which not even the vaults are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unplanned {
    /// The key of the plan.
    pub plan: String,
    /// The key of the rule.
    pub rule: String,
    /// Where it goes, as far as it is known.
    pub destination: String,
    /// Why it cannot be judged.
    pub why: String,
}

/// Plans the copies of an account, into these vaults; into all where none is named.
///
/// The keys of sources are not known, nor is who starts a copy: AWS Backup does.
#[must_use]
pub fn plan(
    judged: &Judged,
    destinations: &[VaultArn],
    inputs: &Inputs,
    facts: &Facts,
) -> AccountPlan {
    let invalid = judged.standing() == Standing::Invalid;
    let invalid = invalid.then(|| {
        "the effective policy is not valid, so the last valid one stays in force".to_owned()
    });
    let mut expansion =
        Expansion { judged, destinations, inputs, facts, invalid, found: AccountPlan::default() };
    for copy in &judged.copies {
        expansion.copy(copy);
    }
    expansion.found
}

struct Expansion<'a> {
    judged: &'a Judged,
    destinations: &'a [VaultArn],
    inputs: &'a Inputs,
    facts: &'a Facts,
    /// Why it is not this policy that is in force.
    invalid: Option<String>,
    found: AccountPlan,
}

impl Expansion<'_> {
    fn copy(&mut self, copy: &backup::PlannedCopy) {
        let (source, destination) = (copy.source.parse(), copy.destination.parse());
        let (source, destination): (VaultArn, VaultArn) = match (source, destination) {
            (Ok(source), Ok(destination)) => (source, destination),
            (source, destination) => {
                let fault = [source.err(), destination.err()].into_iter().flatten().next();
                let why = copy.undecided.clone().or(fault.map(|fault| fault.to_string()));
                self.found.unplanned.push(Unplanned {
                    plan: copy.plan.clone(),
                    rule: copy.rule.clone(),
                    destination: copy.destination.clone(),
                    why: why.unwrap_or_default(),
                });
                return;
            }
        };
        if !self.destinations.is_empty() && !self.destinations.contains(&destination) {
            return;
        }
        let plan = child(child(Some(&self.judged.effective.root), "plans"), &copy.plan);
        let rule = child(child(plan, "rules"), &copy.rule);
        let actions = child(rule, "copy_actions");
        let action = copy.action.as_deref().and_then(|key| child(actions, key));
        let air_gapped = child(rule, "target_logically_air_gapped_backup_vault_arn")
            .and_then(scalar)
            .and_then(|text| {
                let text = text.replace("$account", &source.account);
                text.replace("$region", &source.region).parse::<VaultArn>().ok()
            });
        let template = PlannedCopy {
            from: From {
                kind: FromKind::Policy,
                name: Some(copy.plan.clone()),
                rule: Some(copy.rule.clone()),
            },
            source: source.clone(),
            destination,
            resource_type: None,
            variant: None,
            recovery_point: None,
            source_keys: SourceKeys::NotGiven,
            role: None,
            caller: None,
            lifecycle: lifecycle(action),
            source_lifecycle: Some(lifecycle(rule)),
            plan_size: Some(PlanSize {
                rules: child(plan, "rules").map(|rules| rules.shown().count()),
                copy_actions_in_rule: actions.map(|actions| actions.shown().count()),
            }),
        };
        let doubt = self.invalid.clone().or(copy.undecided.clone());
        let mut seen = BTreeSet::new();
        for selection in self.selections(plan, &source) {
            let kinds = self.found.plan.selected_kinds(
                &selection,
                (&source, None),
                self.inputs,
                self.facts,
            );
            for kind in kinds {
                // What is written into the air-gapped vault at once is no copy.
                if copy.kind == CopyKind::LagPrimary && kind.is_written_into_air_gapped(self.facts)
                {
                    continue;
                }
                let key = (selection.role.clone(), kind.resource_type, kind.variant);
                if !seen.insert(key.clone()) {
                    continue;
                }
                let (role, resource_type, variant) = key;
                let kind = super::Kind { resource_type, variant, counts: kind.counts };
                let from = match copy.kind {
                    CopyKind::CopyAction => kind.source(&source, air_gapped.as_ref(), self.facts),
                    CopyKind::LagPrimary => source.clone(),
                };
                let copy = PlannedCopy {
                    source: from,
                    resource_type: kind.resource_type,
                    variant: kind.variant,
                    role,
                    ..template.clone()
                };
                let planned = Planned { copy, counts: kind.counts, doubt: doubt.clone() };
                self.found.plan.copies.push(planned);
            }
        }
    }

    /// The selections of a plan; one of any resource where there is none.
    fn selections(&self, plan: Option<&Entry>, source: &VaultArn) -> Vec<Selection> {
        let selections = child(plan, "selections");
        let (tags, resources) = (child(selections, "tags"), child(selections, "resources"));
        let role = |one: &Entry| {
            let text = scalar(child(Some(one), "iam_role_arn")?)?;
            text.replace("$account", &source.account).parse::<RoleArn>().ok()
        };
        let by_tags = tags.into_iter().flat_map(Entry::shown);
        let by_tags = by_tags.map(|one| Selection { role: role(one), types: None });
        let by_type = resources.into_iter().flat_map(Entry::shown).map(|one| {
            let arns = child(Some(one), "resource_types").and_then(|types| types.value()?.list());
            let types =
                arns.and_then(|arns| types_of_all(self.facts, arns.iter().map(|arn| arn.known())));
            Selection { role: role(one), types }
        });
        let found: Vec<Selection> = by_tags.chain(by_type).collect();
        if found.is_empty() { vec![Selection::default()] } else { found }
    }
}

fn child<'a>(entry: Option<&'a Entry>, key: &str) -> Option<&'a Entry> {
    entry?.child(key)
}

fn scalar(entry: &Entry) -> Option<&str> {
    entry.value().and_then(Value::scalar)?.known()
}

/// The lifecycle of a rule or copy action; none is one without days.
fn lifecycle(entry: Option<&Entry>) -> Lifecycle {
    let days = |key: &str| scalar(child(child(entry, "lifecycle"), key)?)?.parse().ok();
    Lifecycle {
        delete_after_days: days("delete_after_days"),
        cold_after_days: days("move_to_cold_storage_after_days"),
    }
}
