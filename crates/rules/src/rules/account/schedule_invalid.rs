//! The schedules of the plans can be met.

use crate::outcome::Outcome;
use crate::reasons;
use crate::rule::{Level, Reason};
use crate::schedule;
use crate::survey::{Findings, PolicyView, choices};

crate::rule::account_rule! {
    check: Policy(check),
    aliases: &[],
    level: Level::Error,
    summary: "a schedule of a plan is no cron expression that AWS Backup can meet",
    reason_lists: &[&[
        Reason { name: "not-cron", meaning: "the text is no cron expression" },
        Reason { name: "field-count", meaning: "it does not have six fields" },
        Reason { name: "no-question-mark", meaning: "one of day-of-month and day-of-week has to be a question mark" },
        Reason { name: "field-wrong", meaning: "a field has a value that it cannot have" },
        Reason { name: "more-than-hourly", meaning: "it starts more than once an hour" },
        Reason { name: "never-starts", meaning: "no day fits it" },
        reasons::SETTING_AMBIGUOUS,
    ]],
    facts: &[FACT, HOURLY],
    page: include_str!("schedule_invalid.md"),
}

const FACT: &str = "backup-policies-schedule";
const HOURLY: &str = "backup-policies-schedule-hourly";

fn check(view: &PolicyView<'_>) -> Vec<Outcome> {
    let mut findings = Findings::default();
    for rule in view.plans.iter().flat_map(|plan| &plan.rules) {
        for choice in choices(rule.entry, &rule.path, "schedule_expression") {
            let Some(text) = choice.text else {
                findings.push(choice.unknown().cites(FACT));
                continue;
            };
            let Err(fault) = schedule::parse(text) else { continue };
            let message = format!("the schedule `{text}` of rule `{}` cannot be met", rule.key);
            let mut broken = Outcome::broken(fault.reason, message).help(
                "write `cron(MINUTE HOUR DAY MONTH WEEKDAY YEAR)` in UTC, with `?` for the day or \
                 the weekday, such as `cron(0 3 ? * * *)`",
            );
            let place = choice.place;
            broken.labels.extend(place.map(|span| view.survey.label_on(span, text, fault.message)));
            let fact = if fault.reason == "more-than-hourly" { HOURLY } else { FACT };
            findings.push(choice.broken(view.rest(broken, fact)));
        }
    }
    findings.or(|| view.rest(Outcome::holds("the schedules can be met"), FACT))
}
