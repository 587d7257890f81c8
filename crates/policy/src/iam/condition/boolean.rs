//! `Bool`.

use super::Compared;
use crate::Truth;
use crate::iam::pattern::{Case, Pattern};
use crate::text::Text;

/// `true` and `false`, without regard to case; any other value never matches.
pub(super) fn matches(pattern: &Pattern<'_>, value: &Text) -> Compared {
    let is = |expected: &str| pattern.matches(&expected.into(), Case::Ignored);
    let value_is = |expected: &'static str| {
        Pattern::One(crate::iam::pattern::Part::Literal(expected.into()))
            .matches(value, Case::Ignored)
    };
    let both = |expected| is(expected) & value_is(expected);
    Compared::Is(Truth::any([both("true"), both("false")]))
}
