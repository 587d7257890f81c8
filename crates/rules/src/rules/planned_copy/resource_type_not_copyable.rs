//! The resource type and variant can be copied in this direction.

use super::subject::{unknown_type, unknown_variant};
use crate::facts::{Cell, CopySupport, FactCertainty};
use crate::outcome::{Outcome, OutcomeKind};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::View;

crate::rule::rule! {
    aliases: &[],
    gate: Gate::ResourceType,
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
    check: check,
}

const TWO_HOPS: &str = "prerequisites-two-hops-outdated";

fn check(view: &View<'_>) -> Outcome {
    let rows = view.support();
    let outcomes: Vec<Outcome> = rows.iter().map(|row| judge(view, row)).collect();
    let Some(first) = outcomes.first() else { return unknown_type(view) };
    if outcomes.iter().any(|outcome| outcome.kind != first.kind) {
        let mut outcome = unknown_variant(view, &rows);
        let named = |kind| {
            let of_kind = rows.iter().zip(&outcomes).filter(move |(_, outcome)| outcome.kind == kind);
            of_kind.map(|(row, _)| row.label.as_str()).collect::<Vec<_>>().join(", ")
        };
        outcome.message = format!(
            "{} can be copied like this, {} cannot",
            named(OutcomeKind::Holds),
            named(OutcomeKind::Broken),
        );
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

fn judge(view: &View<'_>, row: &CopySupport) -> Outcome {
    let across_accounts = view.copy.is_cross_account();
    let across_regions = view.copy.is_cross_region();
    let (cell, reason, direction): (&Cell<bool>, _, _) = match (across_accounts, across_regions) {
        (true, true) => (&row.both, "not-both", "to another account and Region in one action"),
        (true, false) => (&row.cross_account, "not-cross-account", "to another account"),
        (false, true) => (&row.cross_region, "not-cross-region", "to another Region"),
        (false, false) => (&row.in_account, "not-in-account", "to another vault of the account"),
    };
    let label = &row.label;
    if cell.certainty.supports().is_none() {
        let message = format!("whether {label} can be copied {direction} is contested");
        return Outcome::undecided(reasons::SOURCES_CONTRADICT.name, message).cites(&row.fact);
    }
    if cell.value {
        let since = match (&row.both_since, &row.cross_account_since) {
            (Some(date), _) if across_accounts && across_regions => format!(" (since {date})"),
            (_, Some(date)) if across_accounts => format!(" (since {date})"),
            _ => String::new(),
        };
        let holds = Outcome::holds(format!("{label} can be copied {direction}{since}"));
        let holds = holds.rests_on(&row.fact, cell.certainty);
        let outdated = across_accounts && across_regions && older_pages_refuse(view, row);
        return if outdated { holds.cites(TWO_HOPS) } else { holds };
    }
    let broken = if row.is_never_copyable() {
        Outcome::broken("never-copyable", format!("{label} cannot be copied by AWS Backup at all"))
            .help(help_for_never(row))
    } else {
        Outcome::broken(reason, format!("{label} cannot be copied {direction}"))
            .help("copy in two steps, each in a direction that the type supports, or use the service's own copy")
    };
    let certainty = match cell.certainty {
        FactCertainty::Documented => FactCertainty::Documented,
        _ => FactCertainty::Inferred,
    };
    broken
        .rests_on(&row.fact, certainty)
        .aws_says("Feature is not supported for provided resource type")
}

/// Whether pages that are still online ask for two copies in a row.
fn older_pages_refuse(view: &View<'_>, row: &CopySupport) -> bool {
    view.facts
        .row(TWO_HOPS)
        .is_some_and(|outdated| outdated.strings("resource_types").any(|one| one == row.resource_type))
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
