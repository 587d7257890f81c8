//! The dates of a statement have not gone by.

use copy_preflight_policy::iam::Effect;
use copy_preflight_policy::iam::condition::{Base, Comparison};
use jiff::Timestamp;

use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Warning,
    summary: "a date in a condition has gone by, so the statement no longer does anything",
    reason_lists: &[&[
        Reason { name: "gone-by", meaning: "the moment lies in the past" },
        Reason { name: "still-to-come", meaning: "the moment lies in the future" },
    ]],
    facts: &["policy-language-dates"],
    page: include_str!("expired_statement.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let Some(now) = view.now else { return Vec::new() };
    let mut found = Vec::new();
    for (statement, condition) in view.conditions() {
        let Base::Date(comparison) = condition.operator.base else { continue };
        let current = matches!(condition.folded_key(), "aws:currenttime" | "aws:epochtime");
        if !current || condition.operator.negated || condition.values.is_empty() {
            continue;
        }
        let moments: Option<Vec<Timestamp>> =
            condition.values.iter().map(|value| value.text.known().and_then(moment)).collect();
        let Some(moments) = moments else { continue };
        let before = matches!(comparison, Comparison::LessThan | Comparison::LessThanEquals);
        let after = matches!(comparison, Comparison::GreaterThan | Comparison::GreaterThanEquals);
        let ended = before && moments.iter().all(|one| *one < now);
        let waits = after && moments.iter().all(|one| *one > now);
        let (reason, end) = match (ended, waits) {
            (true, _) => ("gone-by", "has gone by: the statement no longer"),
            (_, true) => ("still-to-come", "is still to come: the statement does not yet"),
            _ => continue,
        };
        let does = match statement.effect {
            Effect::Deny => "denies anything",
            _ => "allows anything",
        };
        let does = if reason == "still-to-come" {
            does.replace("allows", "allow").replace("denies", "deny")
        } else {
            does.to_owned()
        };
        let Some(first) = condition.values.first() else { continue };
        let message = format!("`{}` {end} {does}", first.text);
        let outcome = Outcome::broken(reason, message);
        found.push(
            outcome
                .label(view.label(first.span, "judged as of now"))
                .help("remove the statement, or set the date anew"),
        );
    }
    found
}

/// A moment in ISO 8601, as a day, or in seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    let day = || {
        let day: jiff::civil::Date = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(day.into()).ok()
    };
    let seconds = || Timestamp::from_second(text.split('.').next()?.parse().ok()?).ok();
    text.parse().ok().or_else(day).or_else(seconds)
}
