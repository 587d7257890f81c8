//! `Numeric…`: integers and decimals.

use std::cmp::Ordering;

use super::{Compared, Comparison};
use crate::Truth;
use crate::text::Text;

/// The request value compared with the policy value.
pub(super) fn matches(comparison: Comparison, policy: &Text, value: &Text) -> Compared {
    let Some(policy) = policy.known() else { return Compared::Is(Truth::Unknown) };
    let Some(policy) = Number::parse(policy) else { return Compared::Unreadable };
    let Some(value) = value.known() else { return Compared::Is(Truth::Unknown) };
    match Number::parse(value) {
        Some(value) => match value.compare(&policy) {
            Some(ordering) => comparison.holds(ordering).into(),
            None => Compared::Is(Truth::Unknown),
        },
        None => Compared::Unreadable,
    }
}

/// A number with a note whether a float holds it exactly enough to compare.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) value: f64,
    exact: bool,
}

impl Number {
    /// Reads an integer or decimal, with sign, perhaps with an exponent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let allowed =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
        // Fifteen significant digits survive the way into a float and back.
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        Some(Self { value, exact: digits <= 15 })
    }

    /// The order of two numbers; `None` where rounding may have made them equal.
    fn compare(&self, other: &Self) -> Option<Ordering> {
        let ordering = self.value.partial_cmp(&other.value)?;
        (ordering.is_ne() || (self.exact && other.exact)).then_some(ordering)
    }
}
