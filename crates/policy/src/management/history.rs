//! How a setting came to its value.

use super::diagnostic::Related;
use super::operator::Control;
use super::{Operator, Operators, Value};
use crate::source::Span;

/// One operator of one policy on a setting.
#[derive(Debug, Clone)]
pub struct Step {
    /// The level of the policy.
    pub target: String,
    /// The policy.
    pub policy: String,
    /// The operator.
    pub operator: Operator,
    /// Its value.
    pub value: Value,
    /// Where operator and value stand.
    pub span: Span,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It acted.
    Applied,
    /// A lock stopped it.
    Blocked(Related),
    /// Another policy of its level assigned first.
    Lost(Related),
    /// It acts, unless a lock on a container above also shields what stands below it.
    Doubtful(Related),
}

/// A control operator that holds for lower levels.
#[derive(Debug, Clone)]
pub struct Lock {
    /// Where it stands.
    pub place: Related,
    pub(super) control: Control,
}

impl Lock {
    /// What it permits for certain.
    #[must_use]
    pub fn permits(&self) -> Operators {
        self.control.surely
    }
}
