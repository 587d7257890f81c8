//! What all copies of a run share.

use std::cell::RefCell;
use std::collections::BTreeSet;

use copy_preflight_policy::iam::{Caller, Context};

use crate::calls::CallQuestion;
use crate::check::{RuleOutcome, Settings};
use crate::copy::PlannedCopy;
use crate::facts::Facts;
use crate::inputs::{Address, Inputs};
use crate::outcome::Outcome;
use crate::parts::guarded::{self, GuardedQuestion};
use crate::parts::guarded_keys::KeyQuestion;
use crate::remembered::{Numbers, PartIds, Remembered};
use crate::requests::{ContextQuestion, Who};

/// The documents, the facts and the settings of a run, and what was found for its copies so far.
///
/// It remembers as long as it lives. Where copies are many, make one for some hundreds that stand
/// together: neighbours have the most in common, and what is remembered stays small.
#[derive(Debug)]
pub struct Run<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) facts: &'a Facts,
    pub(crate) settings: &'a Settings,
    /// The ids of answers that rules asked the user for.
    pub(crate) asked: RefCell<BTreeSet<String>>,
    pub(crate) memory: Memory,
}

/// What was found for the copies of a run.
#[derive(Debug)]
pub struct Memory {
    keeps: bool,
    numbers: RefCell<Numbers>,
    /// What rules say, by the number of the rule.
    pub(crate) outcomes: Remembered<usize, RuleOutcome>,
    /// What is known of the contexts of requests.
    pub(crate) contexts: Remembered<ContextQuestion, Context>,
    /// Which SCPs and RCPs guard an account.
    pub(crate) guarded: Remembered<GuardedQuestion, guarded::Found>,
    /// What guardrails say of the users of a key.
    pub(crate) guarded_keys: Remembered<KeyQuestion, Vec<Outcome>>,
    /// Whether a call is allowed whatever type of resource it is about.
    pub(crate) calls_of_any_type: Remembered<CallQuestion, bool>,
    /// Callers as the evaluator sees them, by who they are and the partition.
    pub(crate) callers: Remembered<(Who, String), Caller>,
}

impl<'a> Run<'a> {
    /// A run on these documents.
    #[must_use]
    pub fn new(inputs: &'a Inputs, facts: &'a Facts, settings: &'a Settings) -> Self {
        Self::with(inputs, facts, settings, Memory::new(true))
    }

    /// A run that finds everything anew for each copy: slow, and what [`Run::new`] has to agree
    /// with.
    #[must_use]
    pub fn forgetful(inputs: &'a Inputs, facts: &'a Facts, settings: &'a Settings) -> Self {
        Self::with(inputs, facts, settings, Memory::new(false))
    }

    /// A run that goes on with what an earlier one found, of the same facts and settings.
    ///
    /// INVARIANT: where documents were added since, [`Memory::forget`] was told.
    #[must_use]
    pub fn with(
        inputs: &'a Inputs,
        facts: &'a Facts,
        settings: &'a Settings,
        memory: Memory,
    ) -> Self {
        Self { inputs, facts, settings, asked: RefCell::default(), memory }
    }

    /// What was found, for a run that goes on.
    #[must_use]
    pub fn into_memory(self) -> Memory {
        self.memory
    }
}

impl Memory {
    fn new(keeps: bool) -> Self {
        Self {
            keeps,
            numbers: RefCell::default(),
            outcomes: Remembered::new(keeps),
            contexts: Remembered::new(keeps),
            guarded: Remembered::new(keeps),
            guarded_keys: Remembered::new(keeps),
            calls_of_any_type: Remembered::new(keeps),
            callers: Remembered::new(keeps),
        }
    }

    /// Forgets what would have looked at answers that came since: those at these addresses, where
    /// nobody had looked.
    pub fn forget(&mut self, addresses: &BTreeSet<Address>) {
        self.outcomes.forget(addresses);
        self.contexts.forget(addresses);
        self.guarded.forget(addresses);
        self.guarded_keys.forget(addresses);
        self.calls_of_any_type.forget(addresses);
        self.callers.forget(addresses);
    }

    /// Whether it remembers; one that does not takes no short cut either.
    pub(crate) fn remembers(&self) -> bool {
        self.keeps
    }

    pub(crate) fn ids(&self, copy: &PlannedCopy) -> PartIds {
        self.numbers.borrow_mut().of(copy)
    }
}
