//! `StringEquals`, `StringEqualsIgnoreCase`, `StringLike`.

use super::Compared;
use crate::iam::pattern::{Case, Pattern};
use crate::text::Text;

/// The whole text against the whole pattern; whether wildcards count was decided when the
/// pattern was made.
pub(super) fn matches(pattern: &Pattern<'_>, value: &Text, case: Case) -> Compared {
    pattern.matches(value, case).into()
}
