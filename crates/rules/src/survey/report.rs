//! What is said of accounts and their organization.

use std::collections::BTreeSet;

use crate::check::{RuleOutcome, Verdict};
use crate::facts::Certainty;
use crate::inputs::Address;
use crate::view::Slot;

/// What is said of all accounts.
#[derive(Debug, Clone)]
pub struct Report {
    /// The verdict over the organization and its accounts.
    pub verdict: Verdict,
    /// Its certainty.
    pub certainty: Certainty,
    /// Every outcome once, however many accounts have it.
    pub outcomes: Vec<RuleOutcome>,
    /// The organization.
    pub organization: Subject,
    /// The accounts, by id.
    pub accounts: Vec<AccountReport>,
    /// The documents that rules asked for.
    pub slots: BTreeSet<Slot>,
    /// Addresses that a rule asked for and nobody looked at.
    pub wanted: BTreeSet<Address>,
}

/// What is said of an account.
#[derive(Debug, Clone)]
pub struct AccountReport {
    /// The account.
    pub id: String,
    /// Its name, where the list of accounts shows one.
    pub name: Option<String>,
    /// What is said of it.
    pub subject: Subject,
}

/// Verdict and outcomes of the organization or an account.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The verdict.
    pub verdict: Verdict,
    /// Its certainty.
    pub certainty: Certainty,
    /// Places in the list of outcomes, in the order of the rules.
    pub outcomes: Vec<usize>,
}

impl Report {
    /// A report that says only what is to be read first.
    pub(super) fn wanting(wanted: BTreeSet<Address>) -> Self {
        let nothing = Subject {
            verdict: Verdict::Undecided,
            certainty: Certainty::Documented,
            outcomes: Vec::new(),
        };
        Self {
            verdict: Verdict::Undecided,
            certainty: Certainty::Documented,
            outcomes: Vec::new(),
            organization: nothing,
            accounts: Vec::new(),
            slots: BTreeSet::new(),
            wanted,
        }
    }

    /// The outcomes of a subject.
    pub fn of<'r>(&'r self, subject: &'r Subject) -> impl Iterator<Item = &'r RuleOutcome> {
        subject.outcomes.iter().filter_map(|&at| self.outcomes.get(at))
    }
}
