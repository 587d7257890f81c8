//! The lifecycle of the copy is one that AWS Backup takes.

use crate::facts::CopySupport;
use crate::outcome::Outcome;
use crate::parts::retention::{Kept, of_copy};
use crate::parts::subject::{rest, stated, unknown_type, unknown_variant};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::says;
use crate::view::View;

crate::rule::copy_rule! {
    gate: Gate::RecoveryPoint,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the lifecycle of the copy is not valid",
    reason_lists: &[&[
        Reason { name: "no-number-of-days", meaning: "a number of days is zero or negative" },
        Reason { name: "deleted-too-soon", meaning: "the copy is deleted less than 90 days after its move to cold storage" },
        Reason { name: "retention-not-known", meaning: "the copy inherits a retention that nobody said" },
        reasons::TYPE_NOT_KNOWN,
        reasons::UNKNOWN_TYPE,
        reasons::VARIANT_NOT_KNOWN,
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[COLD, DAYS, "prerequisites-copy-lifecycle-minus-one", "prerequisites-copy-lifecycle-absent"],
    page: include_str!("lifecycle_invalid.md"),
}

const COLD: &str = "prerequisites-cold-storage-minimum";
const DAYS: &str = "prerequisites-lifecycle-days";

fn check(view: &View<'_>) -> Outcome {
    let lifecycle = *view.copy.lifecycle;
    let least = view.facts.row(DAYS).and_then(|row| row.number("least_days")).unwrap_or(1);
    if let Some(days) = lifecycle.delete_after_days.filter(|&days| days < least && days != -1) {
        return no_days(view, "delete", days);
    }
    if let Some(days) = lifecycle.cold_after_days.filter(|&days| days < least) {
        return no_days(view, "cold", days);
    }
    let Some(cold) = lifecycle.cold_after_days else {
        return match lifecycle.delete_after_days {
            Some(-1) => rest(
                view,
                Outcome::holds("the copy keeps the expiry of its source"),
                "prerequisites-copy-lifecycle-minus-one",
            ),
            Some(days) => {
                rest(view, Outcome::holds(format!("the copy is deleted after {days} days")), DAYS)
            }
            None => Outcome::not_applicable("the copy has no lifecycle of its own"),
        };
    };
    match cold_storage(view) {
        Ok(true) => after_cold(view, cold),
        Ok(false) => {
            let holds = Outcome::holds(
                "the type has no cold storage, so AWS Backup ignores the move to it",
            );
            rest(view, holds, COLD)
        }
        Err(undecided) => undecided.cites(COLD),
    }
}

fn no_days(view: &View<'_>, what: &str, days: i64) -> Outcome {
    let (flag, help) = match what {
        "delete" => {
            ("--delete-after-days", "use 1 or more, or -1 to keep the expiry of the source")
        }
        _ => ("--cold-after-days", "use 1 or more, or leave it out"),
    };
    let broken =
        Outcome::broken("no-number-of-days", format!("`{flag}={days}` is no number of days"))
            .help(help);
    rest(view, broken, DAYS)
}

/// Whether the type has cold storage.
///
/// # Errors
/// The outcome where that is not known, or the type is never copied.
fn cold_storage(view: &View<'_>) -> Result<bool, Outcome> {
    let rows = view.support();
    let cell = |support: &&CopySupport| {
        let row = view.facts.row(&support.fact)?;
        row.cell_certainty("cold_storage").supports()?;
        row.flag("cold_storage")
    };
    let cells: Vec<Option<bool>> = rows.iter().map(cell).collect();
    let Some((&first, others)) = cells.split_first() else { return Err(unknown_type(view)) };
    if rows.iter().all(|row| row.is_never_copyable()) {
        return Err(Outcome::not_applicable("AWS Backup never copies backups of this type"));
    }
    if others.iter().any(|&other| other != first) {
        return Err(unknown_variant(view, &rows));
    }
    first.ok_or_else(|| {
        Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            "whether copies of this type can move to cold storage is contested or not said",
        )
        .help("leave `--cold-after-days` out")
    })
}

/// Deletion comes some days after the move at the earliest.
fn after_cold(view: &View<'_>, cold: i64) -> Outcome {
    let Some(least) = view.facts.row(COLD).and_then(|row| row.number("cold_minimum_days")) else {
        return Outcome::undecided(
            reasons::SOURCES_CONTRADICT.name,
            "how long a copy stays cold is not known",
        );
    };
    let retention = match of_copy(view) {
        Ok(retention) => retention,
        Err(undecided) => return undecided.cites(COLD),
    };
    let earliest = cold.saturating_add(least);
    let outcome = match retention.kept {
        Kept::Days(days) if days < earliest => {
            let message = format!(
                "the copy moves to cold storage after {cold} days and is {}: deletion comes {least} days after \
                 the move at the earliest",
                retention.words()
            );
            let mut broken = Outcome::broken("deleted-too-soon", message)
                .help(format!(
                    "delete after {earliest} days or more, or leave the move to cold storage out"
                ))
                .aws_says(says::DELETE_TOO_SOON_AFTER_COLD);
            broken.labels.extend(retention.label.clone());
            broken
        }
        Kept::Days(_) | Kept::Forever => Outcome::holds(format!(
            "the copy moves to cold storage after {cold} days and is {}",
            retention.words()
        )),
    };
    let outcome = rest(view, outcome, COLD);
    if retention.stated { stated(outcome) } else { outcome }
}
