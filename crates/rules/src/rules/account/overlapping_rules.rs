//! Start windows of the rules of a plan do not meet.

use copy_preflight_policy::management::Entry;

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::schedule;
use crate::survey::{Findings, Plan, PlanRule, PolicyView, sole, unsure};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Warning,
    summary: "start windows of two rules of a plan meet, and AWS Backup keeps one backup of the two",
    reason_lists: &[&[
        Reason { name: "windows-meet", meaning: "both rules start within one window" },
        Reason { name: "starts-not-worked-out", meaning: "a schedule has parts whose days are not worked out here" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT, WINDOW],
    page: include_str!("overlapping_rules.md"),
}

const FACT: &str = "backup-policies-overlap";
const WINDOW: &str = "backup-policies-limit-start-window";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    let default = view.survey.facts.row(WINDOW).and_then(|row| row.number("default_minutes"));
    let default = default.and_then(|minutes| u32::try_from(minutes).ok()).unwrap_or_default();
    for plan in &view.plans {
        let timed: Vec<Timed<'_>> =
            plan.rules.iter().filter_map(|rule| Timed::of(rule, default)).collect();
        for (index, one) in timed.iter().enumerate() {
            for other in timed.iter().skip(index + 1) {
                if let Some(outcome) = judge(view, plan, one, other) {
                    findings.push(outcome);
                }
            }
        }
    }
    findings.or(|| view.rest(Outcome::holds("the start windows of rules do not meet"), FACT))
}

/// A rule whose starts are known.
struct Timed<'a> {
    rule: &'a PlanRule<'a>,
    starts: Vec<u32>,
    window: u32,
    special: bool,
    /// `None` for backups that are never deleted.
    days: Option<u32>,
    /// Whether window and retention have one possible value.
    sure: bool,
}

impl<'a> Timed<'a> {
    fn of(rule: &'a PlanRule<'a>, default: u32) -> Option<Self> {
        let schedule = schedule::parse(sole(rule.entry, "schedule_expression")?).ok()?;
        let number = |parent: Option<&Entry>, name: &str| {
            let there =
                parent.and_then(|parent| parent.child(name)).filter(|one| one.may_be_shown());
            let value = there.and_then(|_| sole(parent?, name)?.parse::<u32>().ok());
            (value, there.is_some() == value.is_some())
        };
        let (window, sure_window) = number(Some(rule.entry), "start_backup_window_minutes");
        let (days, sure_days) = number(rule.entry.child("lifecycle"), "delete_after_days");
        Some(Self {
            rule,
            starts: schedule.starts(),
            window: window.unwrap_or(default),
            special: schedule.special,
            days,
            sure: sure_window && sure_days,
        })
    }
}

fn judge(
    view: &PolicyView<'_>,
    plan: &Plan<'_>,
    one: &Timed<'_>,
    other: &Timed<'_>,
) -> Option<Outcome> {
    let label = |timed: &Timed<'_>, note: &str| {
        let place = timed.rule.entry.written.last();
        place.map(|(_, span)| view.survey.label(*span, note))
    };
    let (first, second) = (one.rule.key, other.rule.key);
    if one.special || other.special {
        let message = format!(
            "whether start windows of the rules `{first}` and `{second}` of plan `{}` meet is not worked out",
            plan.key
        );
        let mut outcome = Outcome::undecided("starts-not-worked-out", message)
            .help("compare the schedules by hand: where start windows meet, the longer retention stays")
            .cites(FACT);
        outcome.labels.extend(label(one, "one rule"));
        outcome.labels.extend(label(other, "the other rule"));
        return Some(outcome);
    }
    // The rule with the longer retention stays; without one a backup is never deleted.
    let (kept, lost) = match (one.days, other.days) {
        (None, Some(_)) => (one, other),
        (Some(_), None) => (other, one),
        (Some(left), Some(right)) if left < right => (other, one),
        _ => (one, other),
    };
    let meet = schedule::meetings((&lost.starts, lost.window), (&kept.starts, kept.window));
    if meet == 0 {
        return None;
    }
    let equal = one.days == other.days;
    let (kept_key, lost_key) = (kept.rule.key, lost.rule.key);
    let message = match equal {
        true => format!(
            "the rules `{first}` and `{second}` of plan `{}` start within one window and are kept equally long: AWS does not say which backup stays",
            plan.key
        ),
        false => format!(
            "where the rules `{first}` and `{second}` of plan `{}` start within one window, the backup of `{kept_key}` stays: `{lost_key}` loses {meet} of {} starts a year",
            plan.key,
            lost.starts.len()
        ),
    };
    let mut broken = Outcome::broken("windows-meet", message).help(
        "AWS Backup keeps the backup of the rule with the longer retention; move one schedule, or \
         shorten a start window (8 hours where none is given), if both are wanted",
    );
    broken.labels.extend(label(lost, if equal { "one rule" } else { "gives way" }));
    broken
        .labels
        .extend(label(kept, if equal { "the other rule" } else { "is kept longer and stays" }));
    let broken = view.rest(broken, FACT);
    Some(if one.sure && other.sure { broken } else { unsure(broken, &plan.path) })
}
