//! Effective policies of accounts: from documents to what is in force, what AWS refuses of it, and
//! the copies that it plans.

mod given;
pub mod levels;

mod compare;
pub mod needs;
pub mod snapshot;

use std::collections::HashMap;
use std::sync::Arc;

use copy_preflight_policy::management::backup::{self, Invalid, PlannedCopy};
use copy_preflight_policy::management::{self, Ambiguous, Effective, Kind};

pub use compare::{Comparison, Difference, compare};
pub use given::Given;
use given::GivenLevel;

/// The effective policy of an account, and what is said of it.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The account.
    pub account: String,
    /// The policy type, as Organizations names it.
    pub policy_type: String,
    /// The policy, which accounts may share.
    pub effective: Arc<Effective>,
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
pub fn judge(given: &Given) -> Judged {
    Merges::default().judge(given)
}

/// The merges of the accounts of an organization: most accounts of an OU have no policy of their
/// own, so what is in force in one is in force in all.
#[derive(Debug, Default)]
pub struct Merges {
    known: HashMap<Attachments, Merged>,
}

/// The policy type, and the policies at each level that has any.
type Attachments = (String, Vec<(String, Vec<String>)>);

/// What does not hang on the account.
#[derive(Debug, Clone)]
struct Merged {
    effective: Arc<Effective>,
    ambiguous: Vec<Ambiguous>,
    invalid: Vec<Invalid>,
}

impl Merges {
    /// Merges and judges the policies of an account's path.
    pub fn judge(&mut self, given: &Given) -> Judged {
        let level = |level: &GivenLevel| {
            let ids = level.policies.iter().map(|policy| policy.id.clone()).collect();
            (level.target.clone(), ids)
        };
        let levels = given.path.iter().filter(|level| !level.policies.is_empty()).map(level);
        let key = (given.policy_type.clone(), levels.collect());
        let merged = self.known.entry(key).or_insert_with(|| Merged::of(given)).clone();
        let is_backup = merged.effective.kind == Kind::Backup;
        let copies = is_backup.then(|| backup::copies(&merged.effective, &given.account));
        Judged {
            account: given.account.clone(),
            policy_type: given.policy_type.clone(),
            ambiguous: merged.ambiguous,
            invalid: merged.invalid,
            copies: copies.unwrap_or_default(),
            effective: merged.effective,
        }
    }
}

impl Merged {
    fn of(given: &Given) -> Self {
        let mut effective = management::effective(Kind::of(&given.policy_type), &given.levels());
        effective.diagnostics.extend(given.diagnostics.iter().cloned());
        let is_backup = effective.kind == Kind::Backup;
        Self {
            ambiguous: effective.ambiguous(),
            invalid: if is_backup { backup::validate(&effective) } else { Vec::new() },
            effective: Arc::new(effective),
        }
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
