//! How long a copy is kept, and what it inherits from its source.

use copy_preflight_policy::tree::Node;

use super::subject::{flag, missing_document, moment};
use crate::copy::Lifecycle;
use crate::outcome::{Label, Outcome};
use crate::reasons;
use crate::view::{Filled, Slot, View};

/// The answer that tells how long the source is kept.
pub(crate) const SOURCE_RETENTION: &str = "source-retention-days";
/// A copy without a lifecycle takes the source's.
pub(crate) const ABSENT: &str = "prerequisites-copy-lifecycle-absent";
/// `-1` keeps the source's expiry.
pub(crate) const MINUS_ONE: &str = "prerequisites-copy-lifecycle-minus-one";

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Days from the creation of the source.
    Days(i64),
    /// It never expires.
    Forever,
}

/// How long the copy is kept, and how that is known.
#[derive(Debug, Clone)]
pub(crate) struct Retention {
    pub(crate) kept: Kept,
    /// Whether the copy takes it from its source.
    pub(crate) inherited: bool,
    /// Whether it rests on an answer of the user.
    pub(crate) stated: bool,
    /// Where it stands, for one that a document shows.
    pub(crate) label: Option<Label>,
}

impl Retention {
    /// In words, after `the copy is`.
    pub(crate) fn words(&self) -> String {
        let inherited = if self.inherited { ", as its source is" } else { "" };
        match self.kept {
            Kept::Days(1) => format!("kept for 1 day{inherited}"),
            Kept::Days(days) => format!("kept for {days} days{inherited}"),
            Kept::Forever => format!("never deleted{inherited}"),
        }
    }
}

/// Whether the copy has a number of days of its own.
pub(crate) fn own_days(lifecycle: Lifecycle) -> Option<i64> {
    lifecycle.delete_after_days.filter(|&days| days != -1)
}

/// How long the copy is kept: its own days, else what its source has.
///
/// # Errors
/// The undecided outcome where the retention of the source is not known.
pub(crate) fn of_copy(view: &View<'_>) -> Result<Retention, Outcome> {
    if let Some(days) = own_days(*view.copy.lifecycle) {
        return Ok(Retention {
            kept: Kept::Days(days),
            inherited: false,
            stated: false,
            label: None,
        });
    }
    let inherits = |kept, label| Retention { kept, inherited: true, stated: false, label };
    if let Some(source) = *view.copy.source_lifecycle {
        return Ok(inherits(own_days(source).map_or(Kept::Forever, Kept::Days), None));
    }
    let Some(arn) = view.copy.recovery_point.look() else { return of_future_source(view) };
    let point = match view.read(&Slot::recovery_point(&view.copy.source, arn)) {
        Ok(point) => point,
        Err(gap) => {
            return stated_retention(view).ok_or_else(|| {
                let what = format!(
                    "how long the source is kept cannot be told: the recovery point {}",
                    gap.words()
                );
                missing_document(what, vec![gap.missing()]).answered_by(SOURCE_RETENTION)
            });
        }
    };
    match shown(&point) {
        Some((kept, node)) => {
            Ok(inherits(kept, node.map(|node| point.label(node.span, "the copy takes this over"))))
        }
        None => stated_retention(view).ok_or_else(|| {
            Outcome::undecided(
                reasons::ANSWER_INCOMPLETE.name,
                "how long the recovery point is kept is not shown",
            )
            .label(point.label(point.root().span, "expected `Lifecycle` or `CalculatedLifecycle`"))
            .help(ask())
            .answered_by(SOURCE_RETENTION)
        }),
    }
}

fn of_future_source(view: &View<'_>) -> Result<Retention, Outcome> {
    stated_retention(view).ok_or_else(|| {
        let how = match view.copy.lifecycle.delete_after_days {
            Some(_) => "the copy keeps the expiry of its source",
            None => "the copy inherits the lifecycle of its source",
        };
        Outcome::undecided(
            "retention-not-known",
            format!("{how}, and how long that is kept was not said"),
        )
        .missing(flag("--delete-after-days"))
        .help(ask())
        .answered_by(SOURCE_RETENTION)
    })
}

fn ask() -> String {
    format!(
        "give the copy days of its own with `--delete-after-days=N`, or say how long the source is kept: \
         `--answer {SOURCE_RETENTION}=N`, or `--answer {SOURCE_RETENTION}=never`"
    )
}

fn stated_retention(view: &View<'_>) -> Option<Retention> {
    let kept = match view.stated(SOURCE_RETENTION)? {
        "never" => Kept::Forever,
        days => Kept::Days(days.parse().ok().filter(|&days| days > 0)?),
    };
    Some(Retention { kept, inherited: true, stated: true, label: None })
}

/// What a recovery point shows: the days of its lifecycle, else the time from its creation to
/// its deletion. `-1` on a point means that it never expires.
fn shown<'a>(point: &Filled<'a>) -> Option<(Kept, Option<&'a Node>)> {
    let lifecycle = point.root().member("Lifecycle");
    if let Some(node) = lifecycle.and_then(|lifecycle| lifecycle.member("DeleteAfterDays")) {
        return match node.as_i64() {
            Some(-1) => Some((Kept::Forever, Some(node))),
            Some(days) if days > 0 => Some((Kept::Days(days), Some(node))),
            _ => None,
        };
    }
    let calculated = point.root().member("CalculatedLifecycle");
    if let Some(node) = calculated.and_then(|calculated| calculated.member("DeleteAt")) {
        let (at, made) = (moment(node)?, moment(point.root().member("CreationDate")?)?);
        let days = at.as_second().checked_sub(made.as_second())? / SECONDS_A_DAY;
        return Some((Kept::Days(days), Some(node)));
    }
    lifecycle.or(calculated).map(|node| (Kept::Forever, Some(node)))
}

pub(crate) const SECONDS_A_DAY: i64 = 86_400;

/// The days since the recovery point was made, where that is known.
pub(crate) fn age_of_point(view: &View<'_>) -> Option<i64> {
    let arn = view.copy.recovery_point.as_ref()?;
    let point = view.peek(&Slot::recovery_point(&view.copy.source, arn))?;
    let made = moment(point.root.member("CreationDate")?)?;
    let seconds = view.now?.as_second().checked_sub(made.as_second())?;
    Some(seconds / SECONDS_A_DAY).filter(|&days| days >= 0)
}
