//! `Date…`: ISO 8601 dates as the W3C profile has them, or seconds since 1970.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Compared, Comparison};
use crate::Truth;
use crate::text::Text;

/// The request value compared with the policy value.
pub(super) fn matches(comparison: Comparison, policy: &Text, value: &Text) -> Compared {
    let Some(policy) = policy.known() else { return Compared::Is(Truth::Unknown) };
    let Some(policy) = parse(policy) else { return Compared::Unreadable };
    let Some(value) = value.known() else { return Compared::Is(Truth::Unknown) };
    match parse(value) {
        Some(value) => comparison.holds(value.cmp(&policy)).into(),
        None => Compared::Unreadable,
    }
}

/// A point in time. A date without time is its first moment, a time without offset is UTC, a
/// number of five or more digits is seconds since 1970 (KMS's examples write `1546257599.0`).
#[must_use]
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    if let Some(seconds) = epoch(text) {
        return Some(seconds);
    }
    let year_and_month =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let padded = match text.len() {
        4 if year_and_month(text) => Some(format!("{text}-01-01")),
        7 if year_and_month(text) => Some(format!("{text}-01")),
        10 => Some(text.to_owned()),
        _ => None,
    };
    if let Some(date) = padded {
        let date: Date = date.parse().ok()?;
        return utc(date.into());
    }
    text.parse::<Timestamp>().ok().or_else(|| utc(text.parse().ok()?))
}

fn utc(moment: DateTime) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(moment).ok()
}

fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.len() < 5 || !all_digits(digits) || !all_digits(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let nanoseconds: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let nanoseconds = if whole.starts_with('-') { -nanoseconds } else { nanoseconds };
    Timestamp::new(seconds, nanoseconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, expected) in [
            ("2026", Some("2026-01-01T00:00:00Z")),
            ("2026-11", Some("2026-11-01T00:00:00Z")),
            ("2026-11-25", Some("2026-11-25T00:00:00Z")),
            ("2026-11-25T10:30Z", Some("2026-11-25T10:30:00Z")),
            ("2026-11-25T10:30:00+02:00", Some("2026-11-25T08:30:00Z")),
            ("2026-11-25T10:30:00.5Z", Some("2026-11-25T10:30:00.5Z")),
            ("2026-11-25T10:30:00", Some("2026-11-25T10:30:00Z")),
            ("1795305600", Some("2026-11-22T00:00:00Z")),
            ("1546257599.0", Some("2018-12-31T11:59:59Z")),
            ("tomorrow", None),
            ("2026-13-01", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), expected, "{text}");
        }
    }
}
