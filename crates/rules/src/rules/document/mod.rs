//! Rules on documents, in the order in which they are judged.

use crate::rule::DocumentRule;

/// All of them.
pub static RULES: &[&DocumentRule] = &[];
