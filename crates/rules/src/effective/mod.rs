//! Effective policies of accounts: from documents to what is in force, what AWS refuses of it, and
//! the copies that it plans.

mod given;
pub mod levels;

mod compare;
mod limits;
pub mod needs;
pub mod snapshot;
mod trouble;

use std::collections::HashMap;
use std::sync::Arc;

use copy_preflight_policy::management::backup::{self, PlannedCopy};
use copy_preflight_policy::management::{self, Ambiguous, Effective, Invalid, Kind, tag};

pub use compare::{Comparison, Difference, compare, compare_in};
pub(crate) use given::Above;
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
pub fn judge(given: &Given, limits: &Limits) -> Judged {
    Merges::new(*limits).judge(given)
}

/// The merges of the accounts of an organization: most accounts of an OU have no policy of their
/// own, so what is in force in one is in force in all.
#[derive(Debug)]
pub struct Merges {
    limits: Limits,
    known: HashMap<Attachments, Merged>,
}

/// The policy type, and the policies at each level that has any.
type Attachments = (String, Above);

/// What does not hang on the account.
#[derive(Debug, Clone)]
struct Merged {
    effective: Arc<Effective>,
    ambiguous: Vec<Ambiguous>,
    invalid: Vec<Invalid>,
}

impl Merges {
    /// No merges yet, to be held against these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, known: HashMap::new() }
    }

    /// Merges and judges the policies of an account's path.
    pub fn judge(&mut self, given: &Given) -> Judged {
        let key = (given.policy_type.clone(), given.above());
        let merged =
            self.known.entry(key).or_insert_with(|| Merged::of(given, &self.limits)).clone();
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
    fn of(given: &Given, limits: &Limits) -> Self {
        let mut effective = management::effective(Kind::of(&given.policy_type), &given.levels());
        effective.diagnostics.extend(given.diagnostics.iter().cloned());
        Self {
            ambiguous: effective.ambiguous(),
            invalid: match effective.kind {
                Kind::Backup => backup::validate(&effective, &limits.backup),
                Kind::Tag => tag::validate(&effective, &limits.tag),
                Kind::Other => Vec::new(),
            },
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
