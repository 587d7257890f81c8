//! Rules about two versions of one document.

use crate::rule::{ChangeRule, rules};

mod principal_newly_allowed;

/// All rules about changes.
pub static RULES: &[&ChangeRule] = rules![principal_newly_allowed];
