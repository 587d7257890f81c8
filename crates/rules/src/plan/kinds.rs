//! The types and variants of which copies are planned.

use std::collections::BTreeSet;

use copy_preflight_policy::tree::Node;

use super::Plan;
use super::selection::{Selected, Selection};
use crate::arn::{Arn, VaultArn};
use crate::facts::{CopySupport, Facts, VariantFrom};
use crate::inputs::Inputs;
use crate::view::Slot;

/// Type and variant of one copy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    pub(super) resource_type: Option<String>,
    pub(super) variant: Option<String>,
    pub(super) counts: bool,
}

impl Kind {
    /// The vault that copies of this kind leave.
    ///
    /// Where an air-gapped vault is the primary target, fully managed types are copied from
    /// there, and the others from the vault that holds the backup for a while
    /// (`prerequisites-air-gapped-primary-copy-source`).
    pub(super) fn source(
        &self,
        vault: &VaultArn,
        air_gapped: Option<&VaultArn>,
        facts: &Facts,
    ) -> VaultArn {
        let air_gapped = air_gapped.filter(|_| self.is_written_into_air_gapped(facts));
        air_gapped.unwrap_or(vault).clone()
    }

    /// Whether backups of this kind are written into an air-gapped vault without a copy.
    pub(super) fn is_written_into_air_gapped(&self, facts: &Facts) -> bool {
        let named = self.resource_type.as_deref().unwrap_or_default();
        let mut rows = facts
            .variants(named)
            .filter(|row| self.variant.as_ref().is_none_or(|variant| row.variant == *variant))
            .peekable();
        let direct = |row: &CopySupport| row.fully_managed.value && row.air_gapped.value;
        rows.peek().is_some() && rows.all(direct)
    }
}

impl Plan {
    /// The kinds of copies of points that do not exist yet: those named, else those that the
    /// vault holds, else all that there are.
    pub(super) fn future_kinds(
        &mut self,
        (source, resource_types): (&VaultArn, &[String]),
        variant: Option<&str>,
        inputs: &Inputs,
        facts: &Facts,
    ) -> Vec<Kind> {
        let needs_points = resource_types.is_empty()
            || variant.is_none()
                && resource_types.iter().any(|named| facts.variants(named).count() > 1);
        let slot = Slot::recovery_points(source);
        let points = if needs_points { self.read(&slot, inputs) } else { None };
        let seen: BTreeSet<Kind> =
            points.map(|points| kinds_in_vault(points, facts)).unwrap_or_default();
        if resource_types.is_empty() {
            if seen.is_empty() {
                return all_kinds(facts);
            }
            return seen.into_iter().collect();
        }
        let mut kinds = Vec::new();
        for named in resource_types {
            let kind = |variant: Option<String>| Kind {
                resource_type: Some(named.clone()),
                variant,
                counts: true,
            };
            let of_type: Vec<&Kind> =
                seen.iter().filter(|kind| kind.resource_type.as_ref() == Some(named)).collect();
            match variant {
                Some(variant) => kinds.push(kind(Some(variant.to_owned()))),
                None if of_type.is_empty() => kinds.push(kind(only_variant(facts, named))),
                None => kinds.extend(of_type.into_iter().cloned()),
            }
        }
        kinds
    }

    /// The kinds of a selection: those that its resources tell, else those that the vault holds,
    /// else all.
    pub(super) fn selected_kinds(
        &mut self,
        selection: &Selection,
        (vault, variant): (&VaultArn, Option<&str>),
        inputs: &Inputs,
        facts: &Facts,
    ) -> Vec<Kind> {
        let future = |plan: &mut Self, types: &[String]| {
            plan.future_kinds((vault, types), variant, inputs, facts)
        };
        let Some(types) = &selection.types else { return future(self, &[]) };
        let mut kinds = Vec::new();
        for Selected { resource_type, variant } in types {
            match variant {
                // One form of ARN for several types: one that is never copied may not be meant.
                Some(variant) => kinds.push(Kind {
                    resource_type: Some(resource_type.clone()),
                    variant: Some(variant.clone()),
                    counts: !facts
                        .variants(resource_type)
                        .any(|row| row.variant == *variant && row.is_never_copyable()),
                }),
                None => kinds.extend(future(self, std::slice::from_ref(resource_type))),
            }
        }
        kinds
    }
}

/// The variant of a type that has one row.
fn only_variant(facts: &Facts, resource_type: &str) -> Option<String> {
    let mut rows = facts.variants(resource_type);
    match (rows.next(), rows.next()) {
        (Some(only), None) => Some(only.variant.clone()),
        _ => None,
    }
}

fn all_kinds(facts: &Facts) -> Vec<Kind> {
    let kind = |row: &CopySupport| Kind {
        resource_type: Some(row.resource_type.clone()),
        variant: Some(row.variant.clone()),
        counts: !row.is_never_copyable(),
    };
    facts.copy_support().iter().map(kind).collect()
}

fn kinds_in_vault(points: &Node, facts: &Facts) -> BTreeSet<Kind> {
    let list = points.member("RecoveryPoints").map(Node::elements).unwrap_or_default();
    list.iter()
        .filter_map(|point| {
            let resource_type = point.member("ResourceType")?.as_str()?;
            let arn = point.member("RecoveryPointArn").and_then(Node::as_str).unwrap_or_default();
            Some(Kind {
                resource_type: Some(resource_type.to_owned()),
                variant: variant_of(facts, resource_type, arn, resource_arn(point)),
                counts: true,
            })
        })
        .collect()
}

/// The variant of a type, told by the service in the recovery point's ARN or by the ARN of the
/// resource; `None` where neither tells it.
pub(super) fn variant_of(
    facts: &Facts,
    resource_type: &str,
    point: &str,
    resource: &str,
) -> Option<String> {
    let service = Arn::parse(point).map(|arn| arn.service);
    let rows: Vec<&CopySupport> = facts.variants(resource_type).collect();
    if let [only] = rows.as_slice() {
        return Some(only.variant.clone());
    }
    let shows = |row: &&&CopySupport| match row.variant_from {
        VariantFrom::RecoveryPointArn => Some(row.recovery_point_arn_service.as_str()) == service,
        VariantFrom::ResourceArn => resource.contains(row.resource_arn_contains.as_str()),
        VariantFrom::Nothing => false,
    };
    let mut matching: Vec<&&CopySupport> = rows.iter().filter(shows).collect();
    match (matching.pop(), matching.pop()) {
        (Some(only), None) => Some(only.variant.clone()),
        _ => None,
    }
}

pub(super) fn resource_arn(point: &Node) -> &str {
    point.member("ResourceArn").and_then(Node::as_str).unwrap_or_default()
}
