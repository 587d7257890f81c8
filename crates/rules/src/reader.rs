//! Reading with a record: what was read and what is wanted, whatever is judged.

use std::cell::RefCell;
use std::sync::Arc;

use crate::facts::Facts;
use crate::inputs::{Answer, Entry};
use crate::outcome::Outcome;
use crate::remembered::{Read, Reads};
use crate::run::Run;
use crate::view::{Filled, Gap, Slot};

/// Reads documents and records each read.
pub(crate) struct Reader<'a> {
    run: &'a Run<'a>,
    reads: RefCell<Vec<Read>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(run: &'a Run<'a>) -> Self {
        Self { run, reads: RefCell::default() }
    }

    /// The facts.
    pub(crate) fn facts(&self) -> &'a Facts {
        self.run.facts
    }

    /// The time as of which is judged.
    pub(crate) fn now(&self) -> Option<jiff::Timestamp> {
        self.run.settings.now
    }

    /// Reads the answer in a slot.
    ///
    /// # Errors
    /// The gap, where there is no answer; one that nobody looked for becomes wanted.
    pub(crate) fn read(&self, slot: &Slot) -> Result<Filled<'a>, Gap<'a>> {
        slot.fill(self.entry(slot))
    }

    /// What stands in a slot; the read is recorded.
    fn entry(&self, slot: &Slot) -> Option<&'a Entry> {
        let entry = self.run.inputs.get(&slot.address);
        let mut reads = self.reads.borrow_mut();
        let is_same = |read: &Read| matches!(read, Read::Slot(read, _) if read == slot);
        if !reads.iter().any(is_same) {
            reads.push(Read::Slot(slot.clone(), entry.is_none()));
        }
        entry
    }

    /// The answer in a slot where there is one. For documents that sharpen an answer and whose
    /// absence changes nothing: they are wanted, but no verdict hangs on them.
    pub(crate) fn peek(&self, slot: &Slot) -> Option<&'a Answer> {
        match self.run.inputs.get(&slot.address) {
            Some(Entry::Present(answer)) => Some(answer),
            Some(Entry::Absent(_)) => None,
            None => {
                self.reads.borrow_mut().push(Read::Wish(slot.address.clone()));
                None
            }
        }
    }

    /// The answer in a slot where another rule got it: nothing is wanted.
    /// For comparisons of documents that were read anyway.
    pub(crate) fn already(&self, slot: &Slot) -> Option<Filled<'a>> {
        match self.run.inputs.get(&slot.address) {
            Some(Entry::Present(answer)) => Some(Filled { slot: slot.name.clone(), answer }),
            Some(Entry::Absent(_)) => None,
            None => {
                self.reads.borrow_mut().push(Read::Glance(slot.address.clone()));
                None
            }
        }
    }

    /// What the user stated under an id.
    pub(crate) fn stated(&self, id: &str) -> Option<&'a str> {
        let mut asked = self.run.asked.borrow_mut();
        if !asked.contains(id) {
            asked.insert(id.to_owned());
        }
        self.run.settings.answers.get(id).map(String::as_str)
    }

    /// An outcome that rests on a fact.
    pub(crate) fn rest(&self, outcome: Outcome, fact: &str) -> Outcome {
        outcome.rests_on(fact, self.run.facts.certainty(fact))
    }

    /// Counts what a part was found with as read.
    pub(crate) fn part(&self, part: &Arc<Reads>) {
        let mut reads = self.reads.borrow_mut();
        let is_known = |read: &Read| matches!(read, Read::Part(known) if Arc::ptr_eq(known, part));
        if !part.documents.is_empty() && !reads.iter().any(is_known) {
            reads.push(Read::Part(Arc::clone(part)));
        }
    }

    /// Puts a record in the place of the one that is there, and gives that one.
    pub(crate) fn replace(&self, reads: Vec<Read>) -> Vec<Read> {
        self.reads.replace(reads)
    }
}
