//! Outcomes of a rule as it goes through a policy.

use crate::outcome::{Outcome, OutcomeKind};
use crate::reasons;

/// What a rule found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Outcome>,
}

impl Findings {
    /// Adds an outcome; one that is there already is not added again.
    pub(crate) fn push(&mut self, outcome: Outcome) {
        if !self.found.contains(&outcome) {
            self.found.push(outcome);
        }
    }

    /// The outcomes, or this one where there is none: a rule is never silent.
    pub(crate) fn or(mut self, otherwise: impl FnOnce() -> Outcome) -> Vec<Outcome> {
        if self.found.is_empty() {
            self.found.push(otherwise());
        }
        self.found
    }
}

/// An outcome that holds only if an ambiguous setting has the value that it speaks of.
pub(crate) fn unsure(mut outcome: Outcome, path: &str) -> Outcome {
    if outcome.kind == OutcomeKind::Broken {
        outcome.kind = OutcomeKind::Undecided;
        outcome.reason = Some(reasons::SETTING_AMBIGUOUS.name);
        outcome.message =
            format!("{}, unless another possible value of `{path}` is in force", outcome.message);
    }
    outcome
}
