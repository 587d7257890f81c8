//! The resource type can be copied to and from these Regions.

use crate::facts::{Certainty, CopySupport, FactCertainty, Row};
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::region::{crossings, lists, needs_opt_in, rows, unknown};
use crate::parts::subject::{rest, unknown_type, unknown_variant};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::View;

crate::rule::copy_rule! {
    gate: Gate::ResourceType,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the resource type cannot be copied to or from one of the Regions",
    reason_lists: &[
        &[
            Reason { name: "not-cross-account-there", meaning: "in one of the Regions the type cannot be copied to another account" },
            Reason { name: "not-cross-region-there", meaning: "the type cannot be copied to or from one of the Regions" },
            reasons::TYPE_NOT_KNOWN,
            reasons::UNKNOWN_TYPE,
            reasons::VARIANT_NOT_KNOWN,
            reasons::SOURCES_CONTRADICT,
        ],
        &crate::parts::region::REASONS,
    ],
    facts: &[EVERYWHERE],
    page: include_str!("resource_type_limited_in_region.md"),
}

const EVERYWHERE: &str = "regions-service-presence-everywhere";

fn check(view: &View<'_>) -> Outcome {
    if crossings(view).is_empty() {
        return Outcome::not_applicable("the copy stays in its account and Region");
    }
    let support = view.support();
    if support.is_empty() {
        return unknown_type(view);
    }
    if support.iter().all(|row| row.is_never_copyable()) {
        return Outcome::not_applicable("AWS Backup never copies backups of this type");
    }
    let mut outcomes: Vec<Outcome> = support.iter().map(|row| judge(view, row)).collect();
    let agree = outcomes.windows(2).all(|pair| match pair {
        [one, other] => one.kind == other.kind && one.reason == other.reason,
        _ => true,
    });
    if !agree {
        let mut outcome = unknown_variant(view, &support);
        outcome.facts.extend(outcomes.iter().flat_map(|one| one.facts.iter().cloned()));
        return outcome;
    }
    outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.certainty));
    outcomes.swap_remove(0)
}

/// The worst of what the limits of one type and variant say.
fn judge(view: &View<'_>, support: &CopySupport) -> Outcome {
    let kinds = crossings(view);
    let mut examined = Vec::new();
    let mut open = None;
    for row in limits(view, support) {
        let Some(kind) = kinds.iter().find(|kind| binds(row, kind)) else { continue };
        examined.push(row.id.as_str());
        match apply(view, support, row, kind) {
            Some(outcome) if outcome.kind == OutcomeKind::Broken => return outcome,
            Some(outcome) => open = open.or(Some(outcome)),
            None => {}
        }
    }
    let regions = [&view.copy.source.region, &view.copy.destination.region];
    let unknown = || regions.into_iter().find_map(|region| unknown(view, region));
    if let Some(open) = open.or_else(unknown) {
        return open;
    }
    examined.iter().fold(unlimited(view, support), |outcome, fact| outcome.cites(fact))
}

/// The rows that limit a type and variant in some Regions.
fn limits<'a>(view: &View<'a>, support: &CopySupport) -> impl Iterator<Item = &'a Row> {
    let of_type = move |row: &&Row| {
        let variant = row.text("variant").unwrap_or_default();
        row.text("resource_type") == Some(support.resource_type.as_str())
            && (variant.is_empty() || variant == support.variant)
    };
    rows(view, "type-limit").chain(rows(view, "since")).filter(of_type)
}

/// Whether a limit is about copies of this kind.
fn binds(row: &Row, kind: &str) -> bool {
    matches!(row.text("limit"), Some(limit) if limit == kind || limit == "cross-account-and-cross-region")
}

/// What one limit makes of the copy; `None` where it does not stand in the way.
fn apply(view: &View<'_>, support: &CopySupport, row: &Row, kind: &str) -> Option<Outcome> {
    let forbidden = |region: &str| match row.text("rule") {
        Some("not-in") => lists(row, region),
        Some("only-in-opt-in") => needs_opt_in(view, region) && !lists(row, region),
        // What came at a day was not there before it.
        _ => lists(row, region) && row.text("since").is_some_and(|day| view.is_before(day)),
    };
    let (source, destination) = (&view.copy.source.region, &view.copy.destination.region);
    let (from, to) = (forbidden(source), forbidden(destination));
    let region = match (from, to) {
        (false, false) => return None,
        (true, _) => source,
        (false, true) => destination,
    };
    let label = &support.label;
    if row.certainty.supports().is_none() {
        let outcome = Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            format!("whether {label} can be copied {} `{region}` is contested", towards(kind)),
        )
        .help("AWS's pages contradict each other: run a copy of a small recovery point and see");
        return Some(outcome.cites(&row.id));
    }
    let before = row.text("since").map(|day| format!(" before {day}")).unwrap_or_default();
    let reason = match kind {
        "cross-account" => "not-cross-account-there",
        _ => "not-cross-region-there",
    };
    let broken = Outcome::broken(
        reason,
        format!("{label} cannot be copied {} `{region}`{before}", towards(kind)),
    )
    .help("copy to a vault in a Region without this limit, or use the copy of the service itself");
    // Where both Regions are limited, it does not matter which side the limit binds.
    let certainty = if from && to { row.certainty } else { side_certainty(row) };
    Some(broken.rests_on(&row.id, certainty))
}

fn side_certainty(row: &Row) -> FactCertainty {
    row.cell_certainty("side").max(row.certainty)
}

fn towards(kind: &str) -> &'static str {
    match kind {
        "cross-account" => "to another account in",
        _ => "to or from",
    }
}

/// The outcome where no limit stands in the way.
fn unlimited(view: &View<'_>, support: &CopySupport) -> Outcome {
    let label = &support.label;
    let everywhere = view
        .facts
        .row(EVERYWHERE)
        .is_some_and(|row| row.strings("resource_types").any(|one| one == support.resource_type));
    let holds = Outcome::holds(format!("no limit on copies of {label} is known for these Regions"));
    if everywhere {
        return rest(view, holds, EVERYWHERE);
    }
    if !view.copy.is_cross_region() {
        return holds;
    }
    // The facts do not hold the table of Regions in which each service is offered.
    let mut holds = Outcome::holds(format!(
        "no limit on copies of {label} is known for these Regions; that `{}` offers the service is taken for granted",
        view.copy.destination.region
    ));
    holds.certainty = Certainty::Inferred;
    holds
}
