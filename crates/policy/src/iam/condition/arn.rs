//! `ArnEquals` and `ArnLike`, which are the same.

use super::Compared;
use crate::iam::pattern::Pattern;
use crate::text::Text;

/// Component by component: a `*` does not cross a colon of the first five.
pub(super) fn matches(pattern: &Pattern<'_>, value: &Text) -> Compared {
    pattern.matches_arn(value).map_or(Compared::Unreadable, Compared::Is)
}
