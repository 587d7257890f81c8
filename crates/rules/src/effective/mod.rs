//! Effective policies of accounts: from documents to what is in force, what AWS refuses of it, and
//! the copies that it plans.

mod given;
pub mod levels;

mod compare;
mod limits;
pub mod snapshot;
mod trouble;

use copy_preflight_policy::management::backup::{self, PlannedCopy};
use copy_preflight_policy::management::{self, Ambiguous, Effective, Invalid, Kind, tag};

pub use compare::{Comparison, Difference, compare, compare_in};
pub use given::{Given, GivenLevel, GivenPolicy};
pub use limits::Limits;
pub use trouble::{Trouble, TroubleKind};

/// The effective policy of an account, and what is said of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The account.
    pub account: String,
    /// The policy type, as Organizations names it.
    pub policy_type: String,
    /// The policy.
    pub effective: Effective,
    /// Settings that have more than one possible value.
    pub ambiguous: Vec<Ambiguous>,
    /// Why AWS does not bring it into force.
    pub invalid: Vec<Invalid>,
    /// The copies that it plans, and those that another possible value plans.
    pub copies: Vec<PlannedCopy>,
}

/// What a judgement comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is wrong or open.
    Valid,
    /// AWS refuses it, for certain.
    Invalid,
    /// It, or a copy, has more than one possible outcome.
    Ambiguous,
}

/// Merges and judges the policies of an account's path.
#[must_use]
pub fn judge(given: &Given, limits: &Limits) -> Judged {
    let mut effective = management::effective(Kind::of(&given.policy_type), &given.levels());
    effective.diagnostics.extend(given.diagnostics.iter().cloned());
    Judged {
        account: given.account.clone(),
        policy_type: given.policy_type.clone(),
        ambiguous: effective.ambiguous(),
        invalid: match effective.kind {
            Kind::Backup => backup::validate(&effective, &limits.backup),
            Kind::Tag => tag::validate(&effective, &limits.tag),
            Kind::Other => Vec::new(),
        },
        copies: match effective.kind {
            Kind::Backup => backup::copies(&effective, &given.account),
            Kind::Tag | Kind::Other => Vec::new(),
        },
        effective,
    }
}

impl Judged {
    /// What it comes to.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let refused = self.effective.diagnostics.iter().any(|one| one.code.is_refused());
        let open = self.copies.iter().any(|copy| copy.undecided.is_some());
        if refused || self.invalid.iter().any(|error| error.certain) {
            Standing::Invalid
        } else if open || !self.ambiguous.is_empty() || !self.invalid.is_empty() {
            Standing::Ambiguous
        } else {
            Standing::Valid
        }
    }
}
