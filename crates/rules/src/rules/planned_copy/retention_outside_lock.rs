//! The retention of the copy lies within the lock range of the destination vault.

use copy_preflight_policy::tree::{Node, Value};

use crate::outcome::Outcome;
use crate::parts::retention::{
    ABSENT, Kept, MINUS_ONE, Retention, age_of_point, of_copy, own_days,
};
use crate::parts::subject::{is_air_gapped, missing_document, rest, stated};
use crate::reasons;
use crate::rule::{Gate, Level, Reason};
use crate::view::{Filled, Slot, View};

crate::rule::copy_rule! {
    gate: Gate::Vaults,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "the retention of the copy lies outside the lock range of the destination vault",
    reason_lists: &[&[
        Reason { name: "shorter-than-minimum", meaning: "the copy is kept for fewer days than the lock demands" },
        Reason { name: "longer-than-maximum", meaning: "the copy is kept for more days than the lock allows" },
        Reason { name: "never-expires", meaning: "the copy never expires, and the lock has a maximum" },
        Reason { name: "retention-not-known", meaning: "the copy inherits a retention that nobody said" },
        reasons::SOURCES_CONTRADICT,
        reasons::DOCUMENT_MISSING,
        reasons::ANSWER_INCOMPLETE,
    ]],
    facts: &[FACT, BOUNDS, MAXIMUM, MINIMUM, ABSENT, MINUS_ONE, "prerequisites-air-gapped-lock", FROM_SOURCE],
    page: include_str!("retention_outside_lock.md"),
}

const FACT: &str = "prerequisites-retention-in-lock-range";
const BOUNDS: &str = "prerequisites-lock-bounds";
const MAXIMUM: &str = "prerequisites-lock-maximum-never-expires";
const MINIMUM: &str = "prerequisites-lock-minimum-never-expires";
const FROM_SOURCE: &str = "prerequisites-retention-counts-from-source";
const SAYS: &str = "The retention specified in the job is not within the range specified for the target Backup Vault";

fn check(view: &View<'_>) -> Outcome {
    if own_days(*view.copy.lifecycle).is_some_and(|days| days < 1) {
        return Outcome::not_applicable(
            "the copy has no legal number of days, which lifecycle-invalid tells",
        );
    }
    let name = &view.copy.destination.name;
    let vault = match view.read(&Slot::destination_vault(&view.copy)) {
        Ok(vault) => vault,
        Err(gap) => {
            return missing_document(
                format!(
                    "the lock range of vault `{name}` cannot be told: the vault {}",
                    gap.words()
                ),
                vec![gap.missing()],
            )
            .cites(FACT);
        }
    };
    let bounds = (bound(&vault, "MinRetentionDays"), bound(&vault, "MaxRetentionDays"));
    let (min, max) = match bounds {
        (Ok(min), Ok(max)) => (min, max),
        (Err(unclear), _) | (_, Err(unclear)) => return unclear,
    };
    if is_air_gapped(view, &vault) && (min.is_none() || max.is_none()) {
        return Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("vault `{name}` is logically air-gapped, and the answer does not show both bounds of its lock"),
        )
        .label(vault.label(vault.root().span, "expected `MinRetentionDays` and `MaxRetentionDays`"))
        .cites("prerequisites-air-gapped-lock");
    }
    if min.is_none() && max.is_none() {
        let holds = Outcome::holds(format!("vault `{name}` sets no bounds to the retention"));
        return rest(view, holds, BOUNDS);
    }
    let retention = match of_copy(view) {
        Ok(retention) => retention,
        Err(undecided) => return undecided.cites(FACT).cites(inherited_by(view)),
    };
    let outcome = compare(view, &vault, &retention, min, max);
    let outcome =
        if retention.inherited { rest(view, outcome, inherited_by(view)) } else { outcome };
    if retention.stated { stated(outcome) } else { outcome }
}

/// The fact by which a copy without days of its own takes the retention of its source.
fn inherited_by(view: &View<'_>) -> &'static str {
    if view.copy.lifecycle.delete_after_days.is_some() { MINUS_ONE } else { ABSENT }
}

type Bound<'a> = Option<(i64, &'a Node)>;

/// A bound of the lock; `None` where the answer has none, which means that none is enforced.
fn bound<'a>(vault: &Filled<'a>, member: &str) -> Result<Bound<'a>, Outcome> {
    let Some(node) = vault.root().member(member) else { return Ok(None) };
    if node.value == Value::Null {
        return Ok(None);
    }
    match node.as_i64() {
        Some(days) => Ok(Some((days, node))),
        None => Err(Outcome::undecided(
            reasons::ANSWER_INCOMPLETE.name,
            format!("`{member}` of the destination vault cannot be read"),
        )
        .label(vault.label(node.span, "expected a number of days"))),
    }
}

fn compare(
    view: &View<'_>,
    vault: &Filled<'_>,
    retention: &Retention,
    min: Bound<'_>,
    max: Bound<'_>,
) -> Outcome {
    let name = &view.copy.destination.name;
    let broken = |reason, node: &Node, message: String, help: String| {
        let mut broken = Outcome::broken(reason, message)
            .label(vault.label(node.span, "this bound of the lock"))
            .help(help)
            .aws_says(SAYS);
        broken.labels.extend(retention.label.clone());
        rest(view, broken, FACT)
    };
    let words = retention.words();
    match (retention.kept, min, max) {
        (Kept::Forever, _, Some((most, node))) => {
            let message = format!(
                "the copy is {words}, and vault `{name}` keeps nothing longer than {most} days"
            );
            rest(view, broken("never-expires", node, message, help(min, max)), MAXIMUM)
        }
        (Kept::Forever, ..) => {
            let holds = Outcome::holds(format!(
                "the copy is {words}, which outlives the minimum of vault `{name}`"
            ));
            rest(view, rest(view, holds, FACT), MINIMUM)
        }
        (Kept::Days(days), Some((least, node)), _) if days < least => {
            let message =
                format!("the copy is {words}, and vault `{name}` demands at least {least} days");
            broken("shorter-than-minimum", node, message, help(min, max))
        }
        (Kept::Days(days), _, Some((most, node))) if days > most => {
            let message =
                format!("the copy is {words}, and vault `{name}` allows at most {most} days");
            broken("longer-than-maximum", node, message, help(min, max))
        }
        (Kept::Days(days), ..) => {
            let holds = Outcome::holds(format!(
                "the copy is {words}, within the lock range of vault `{name}`"
            ));
            near_bound(view, rest(view, holds, FACT), days, min, max)
        }
    }
}

/// Days count from the creation of the source, and AWS compares days: a value at a bound, or one
/// that falls under the minimum when the age of the point is taken off, deserves a word.
fn near_bound(
    view: &View<'_>,
    holds: Outcome,
    days: i64,
    min: Bound<'_>,
    max: Bound<'_>,
) -> Outcome {
    let at_bound = [min, max].into_iter().flatten().any(|(bound, _)| bound == days);
    let age = age_of_point(view).unwrap_or(0);
    let left = days.saturating_sub(age);
    if !at_bound && min.is_none_or(|(least, _)| left >= least) {
        return holds;
    }
    let note = if age > 0 {
        format!(
            "close to the bound: the days count from the creation of the recovery point {age} days ago, so the \
             copy lives {left} days more"
        )
    } else {
        "right at the bound: the days count from the creation of the source, which is before the copy".to_owned()
    };
    holds.help(note).cites(FROM_SOURCE)
}

fn help(min: Bound<'_>, max: Bound<'_>) -> String {
    let range = match (min, max) {
        (Some((least, _)), Some((most, _))) => format!("from {least} to {most}"),
        (Some((least, _)), None) => format!("of {least} or more"),
        (None, Some((most, _))) => format!("of {most} or fewer"),
        (None, None) => "that fit".to_owned(),
    };
    format!(
        "give the copy days {range} with `--delete-after-days`; a lock in compliance mode cannot be loosened once \
         its grace time is over"
    )
}
