//! Reading with a record: what was read and what is wanted, whatever is judged.

use std::cell::RefCell;

use crate::facts::Facts;
use crate::inputs::{Address, Answer, Entry};
use crate::outcome::Outcome;
use crate::run::Run;
use crate::view::{Filled, Gap, Slot};

/// Reads documents and records each read.
pub(crate) struct Reader<'a> {
    run: &'a Run<'a>,
    /// The slots that were read, in the order of the first reads, with what stands in them.
    reads: RefCell<Vec<(Slot, Option<&'a Entry>)>>,
    /// Addresses that nobody looked at and that would have been used had they been there.
    optional: RefCell<Vec<Address>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(run: &'a Run<'a>) -> Self {
        Self { run, reads: RefCell::default(), optional: RefCell::default() }
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
    pub(crate) fn entry(&self, slot: &Slot) -> Option<&'a Entry> {
        let mut reads = self.reads.borrow_mut();
        let before = reads.iter().find(|(read, _)| read == slot).map(|(_, entry)| *entry);
        before.unwrap_or_else(|| {
            let entry = self.run.inputs.get(&slot.address);
            reads.push((slot.clone(), entry));
            entry
        })
    }

    /// The answer in a slot where there is one. For documents that sharpen an answer and whose
    /// absence changes nothing: they are wanted, but no verdict hangs on them.
    pub(crate) fn peek(&self, slot: &Slot) -> Option<&'a Answer> {
        match self.run.inputs.get(&slot.address) {
            Some(Entry::Present(answer)) => Some(answer),
            Some(Entry::Absent(_)) => None,
            None => {
                self.optional.borrow_mut().push(slot.address.clone());
                None
            }
        }
    }

    /// The answer in a slot where another rule got it: nothing is recorded and nothing wanted.
    /// For comparisons of documents that were read anyway.
    pub(crate) fn already(&self, slot: &Slot) -> Option<Filled<'a>> {
        match self.run.inputs.get(&slot.address)? {
            Entry::Present(answer) => Some(Filled { slot: slot.name.clone(), answer }),
            Entry::Absent(_) => None,
        }
    }

    /// What the user stated under an id.
    pub(crate) fn stated(&self, id: &str) -> Option<&'a str> {
        self.run.settings.answers.get(id).map(String::as_str)
    }

    /// An outcome that rests on a fact.
    pub(crate) fn rest(&self, outcome: Outcome, fact: &str) -> Outcome {
        outcome.rests_on(fact, self.run.facts.certainty(fact))
    }

    /// Notes that something would be of use and is not there.
    pub(crate) fn want(&self, wanted: impl IntoIterator<Item = Address>) {
        self.optional.borrow_mut().extend(wanted);
    }

    /// Takes out what was recorded so far.
    pub(crate) fn take(&self) -> Record<'a> {
        Record { reads: self.reads.take(), optional: self.optional.take() }
    }

    /// Puts a record in the place of the one that is there.
    pub(crate) fn put(&self, record: Record<'a>) {
        self.reads.replace(record.reads);
        self.optional.replace(record.optional);
    }
}

/// What was read and wanted.
pub(crate) struct Record<'a> {
    reads: Vec<(Slot, Option<&'a Entry>)>,
    optional: Vec<Address>,
}

impl Record<'_> {
    /// The slots that were read, and the addresses that nobody looked at, of reads and of what
    /// would have been of use.
    pub(crate) fn into_parts(self) -> (Vec<Slot>, Vec<Address>) {
        let mut wanted = self.optional;
        let unread = self.reads.iter().filter(|(_, entry)| entry.is_none());
        wanted.extend(unread.map(|(slot, _)| slot.address.clone()));
        (self.reads.into_iter().map(|(slot, _)| slot).collect(), wanted)
    }
}
