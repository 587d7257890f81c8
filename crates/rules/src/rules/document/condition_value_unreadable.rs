//! A value is one that its operator can read.

use copy_preflight_policy::iam::condition::Base;
use std::net::IpAddr;

use crate::lint::placeholder::placeholder;
use crate::lint::{DocumentView, IAM};
use crate::outcome::Outcome;
use crate::rule::{Level, Reason};

crate::rule::document_rule! {
    kinds: IAM,
    check: check,
    aliases: &[],
    level: Level::Error,
    summary: "a value cannot be read as the type of its operator, so it never matches",
    reason_lists: &[&[
        Reason { name: "number", meaning: "the value is no number" },
        Reason { name: "date", meaning: "the value is no date" },
        Reason { name: "address", meaning: "the value is no address or range" },
        Reason { name: "boolean", meaning: "the value is neither true nor false" },
        Reason { name: "arn", meaning: "the value is no ARN" },
    ]],
    facts: &["policy-language-condition-values"],
    page: include_str!("condition_value_unreadable.md"),
}

fn check(view: &DocumentView<'_>) -> Vec<Outcome> {
    let mut found = Vec::new();
    for (_, condition) in view.conditions() {
        for value in &condition.values {
            let Some(text) = value.text.known() else { continue };
            if value.variables || placeholder(text).is_some() {
                continue;
            }
            let Some((reason, what, help)) = fault(condition.operator.base, text) else { continue };
            let message = format!("`{text}` is no {what}, so it never matches");
            let outcome = Outcome::broken(reason, message);
            let outcome = outcome.label(view.label(value.span, format!("no {what}")));
            found.push(outcome.help(help));
        }
    }
    found
}

fn fault(base: Base, text: &str) -> Option<(&'static str, &'static str, &'static str)> {
    match base {
        Base::Numeric(_) => text.trim().parse::<f64>().is_err().then_some((
            "number",
            "number",
            "write a whole or decimal number",
        )),
        Base::Date(_) => (!is_date(text)).then_some((
            "date",
            "date",
            "write ISO 8601, such as `2026-11-22T08:00:00Z`, or seconds since 1970",
        )),
        Base::IpAddress => (!is_range(text)).then_some((
            "address",
            "address or range",
            "write an address, or a range such as `203.0.113.0/24`",
        )),
        Base::Bool | Base::Null => {
            let known = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
            (!known).then_some(("boolean", "Boolean", "write `true` or `false`"))
        }
        Base::Arn => {
            let parts = text.split(':').count();
            let formed = parts >= 6 && (text.starts_with("arn:") || text.starts_with(['*', '?']));
            (!formed && text != "*").then_some((
                "arn",
                "ARN",
                "an ARN has six parts between colons; a pattern that is shorter matches nothing",
            ))
        }
        _ => None,
    }
}

fn is_date(text: &str) -> bool {
    let day = || {
        text.parse::<jiff::civil::Date>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
    };
    // W3C's forms of ISO 8601 go down to a year, or to minutes without seconds.
    let coarse = text.len() >= 4
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:TZ+.".contains(&byte));
    text.parse::<jiff::Timestamp>().is_ok() || day() || text.parse::<f64>().is_ok() || coarse
}

fn is_range(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}
