//! The resource type and variant can be copied in this direction.

use crate::facts::{Cell, CopySupport, FactCertainty};
use crate::outcome::{Outcome, OutcomeKind};
use crate::parts::subject::{unknown_type, unknown_variant};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::View;

crate::rule::copy_rule! {
    gate: Gate::ResourceType,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the resource type or variant cannot be copied like this",
    reason_lists: &[&[
        Reason { name: "never-copyable", meaning: "it cannot be copied at all" },
        Reason { name: "not-cross-account", meaning: "it cannot be copied to another account" },
        Reason { name: "not-cross-region", meaning: "it cannot be copied to another Region" },
        Reason { name: "not-both", meaning: "it cannot be copied to another account and Region in one action" },
        Reason { name: "not-in-account", meaning: "it cannot be copied within its account and Region" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
    ]],
    facts: &[TWO_HOPS],
    page: include_str!("resource_type_not_copyable.md"),
}

const TWO_HOPS: &str = "prerequisites-two-hops-outdated";

fn check(view: &View<'_>) -> Outcome {
    let rows = view.support();
    let outcomes: Vec<Outcome> = rows.iter().map(|row| judge(view, row)).collect();
    let Some(first) = outcomes.first() else { return unknown_type(view) };
    if outcomes.iter().any(|outcome| outcome.kind != first.kind) {
        let mut outcome = unknown_variant(view, &rows);
        let named = |kind| {
            let of_kind =
                rows.iter().zip(&outcomes).filter(move |(_, outcome)| outcome.kind == kind);
            of_kind.map(|(row, _)| row.label.as_str()).collect::<Vec<_>>().join(", ")
        };
        let parts = [
            (OutcomeKind::Holds, "can"),
            (OutcomeKind::Broken, "cannot"),
            (OutcomeKind::Undecided, "perhaps"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|(kind, _)| outcomes.iter().any(|outcome| outcome.kind == *kind))
            .map(|(kind, word)| format!("{} {word}", named(kind)))
            .collect();
        outcome.message = format!("copied like this: {}", parts.join(", "));
        outcome.facts.extend(rows.iter().map(|row| row.fact.clone()));
        return outcome;
    }
    // The variants agree; what is least sure among them is how sure the answer is.
    let mut outcomes = outcomes;
    outcomes.sort_by_key(|outcome| std::cmp::Reverse(outcome.certainty));
    let facts: Vec<String> = rows.iter().map(|row| row.fact.clone()).collect();
    let mut outcome = outcomes.swap_remove(0);
    outcome.facts.extend(facts);
    outcome
}

/// One direction of a copy for one row of the facts.
struct Direction<'a> {
    cell: &'a Cell<bool>,
    reason: &'static str,
    words: &'static str,
    /// Since when, and how sure that is.
    since: Option<(&'a str, FactCertainty)>,
}

impl<'a> Direction<'a> {
    fn of(view: &View<'_>, row: &'a CopySupport) -> Self {
        let (cell, reason, words, since) =
            match (view.copy.is_cross_account(), view.copy.is_cross_region()) {
                (true, true) => (
                    &row.both,
                    "not-both",
                    "to another account and Region in one action",
                    dated(&row.both_since),
                ),
                (true, false) => (
                    &row.cross_account,
                    "not-cross-account",
                    "to another account",
                    dated(&row.cross_account_since),
                ),
                (false, true) => (
                    &row.cross_region,
                    "not-cross-region",
                    "to another Region",
                    dated(&row.cross_region_since),
                ),
                (false, false) => (
                    &row.in_account,
                    "not-in-account",
                    "to another vault of the account",
                    in_account_since(row),
                ),
            };
        Self { cell, reason, words, since: since.max(dated(&row.supported_since)) }
    }
}

fn dated(cell: &Option<Cell<String>>) -> Option<(&str, FactCertainty)> {
    cell.as_ref().map(|cell| (cell.value.as_str(), cell.certainty))
}

/// A type that can be copied to no other account and no other Region cannot be copied at all, so
/// the first of the two brought copies within the account as well.
fn in_account_since(row: &CopySupport) -> Option<(&str, FactCertainty)> {
    let (account, _) = dated(&row.cross_account_since)?;
    let (region, _) = dated(&row.cross_region_since)?;
    Some((account.min(region), FactCertainty::Inferred))
}

fn judge(view: &View<'_>, row: &CopySupport) -> Outcome {
    let Direction { cell, reason, words, .. } = Direction::of(view, row);
    let label = &row.label;
    if cell.certainty.supports().is_none() {
        let leaning = if cell.value { "it can" } else { "it cannot" };
        let message = format!(
            "whether {label} can be copied {words} is contested: the feature table by itself means that {leaning}"
        );
        return Outcome::undecided(reasons::SOURCES_CONTRADICT.name, message).cites(&row.fact);
    }
    if cell.value {
        let outdated = view.copy.is_cross_account()
            && view.copy.is_cross_region()
            && older_pages_refuse(view, row);
        let possible = possible(view, row);
        return if outdated { possible.cites(TWO_HOPS) } else { possible };
    }
    let broken = if row.is_never_copyable() {
        Outcome::broken("never-copyable", format!("{label} cannot be copied by AWS Backup at all"))
            .help(help_for_never(row))
    } else {
        Outcome::broken(reason, format!("{label} cannot be copied {words}"))
            .help("copy in two steps, each in a direction that the type supports, or use the service's own copy")
    };
    let certainty = match cell.certainty {
        FactCertainty::Documented => FactCertainty::Documented,
        _ => FactCertainty::Inferred,
    };
    broken.rests_on(&row.fact, certainty).aws_says(says::FEATURE_NOT_SUPPORTED)
}

/// The outcome for what can be copied today: before its day it could not.
fn possible(view: &View<'_>, row: &CopySupport) -> Outcome {
    let Direction { cell, reason, words, since } = Direction::of(view, row);
    let label = &row.label;
    match since {
        Some((day, certainty)) if view.is_before(day) => {
            Outcome::broken(reason, format!("{label} could not be copied {words} before {day}"))
                .help(format!("since {day} it can: judge a copy of today with a later `--now`"))
                .rests_on(&row.fact, certainty)
                .aws_says(says::FEATURE_NOT_SUPPORTED)
        }
        Some((day, _)) => Outcome::holds(format!("{label} can be copied {words} (since {day})"))
            .rests_on(&row.fact, cell.certainty),
        None => Outcome::holds(format!("{label} can be copied {words}"))
            .rests_on(&row.fact, cell.certainty),
    }
}

/// Whether pages that are still online ask for two copies in a row.
fn older_pages_refuse(view: &View<'_>, row: &CopySupport) -> bool {
    view.facts.row(TWO_HOPS).is_some_and(|outdated| {
        outdated.strings("resource_types").any(|one| one == row.resource_type)
    })
}

fn help_for_never(row: &CopySupport) -> String {
    match (row.resource_type.as_str(), row.variant.as_str()) {
        ("DynamoDB", "basic") => "turn on AWS Backup's advanced features for DynamoDB in the source account and \
                                  Region; recovery points made after that can be copied"
            .to_owned(),
        ("RDS", "multi-az-cluster") => {
            "AWS Backup copies Multi-AZ DB instances, not Multi-AZ DB clusters; export or restore instead".to_owned()
        }
        _ => "use the service's own way to copy or export".to_owned(),
    }
}
