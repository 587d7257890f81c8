//! The only way in which a rule reads documents: every read is recorded.

mod slot;

pub use slot::Slot;

use std::borrow::Cow;
use std::cell::Cell;
use std::hash::Hash;
use std::sync::Arc;

use copy_preflight_policy::source::Span;
use copy_preflight_policy::tree::Node;

use crate::copy::PlannedCopy;
use crate::facts::{CopySupport, Facts};
use crate::inputs::{Absence, Answer, PolicyDocument, Why};
use crate::outcome::{Label, Missing};
use crate::reader::Reader;
use crate::remembered::{Kept, PartIds, Reads, Remembered};
use crate::run::{Memory, Run};
use crate::seen::{Parts, SeenCopy};

/// What the rules see of one planned copy: the documents, the facts, and the time.
pub struct View<'a> {
    /// The subject.
    pub copy: SeenCopy<'a>,
    /// The facts.
    pub facts: &'a Facts,
    /// The time as of which is judged; `None` where nobody gave one.
    pub now: Option<jiff::Timestamp>,
    run: &'a Run<'a>,
    /// The parts of the copy, by which what is remembered is found again.
    ids: PartIds,
    /// The parts that were looked at.
    parts: &'a Cell<Parts>,
    /// The documents that were asked for.
    pub(crate) reader: Reader<'a>,
}

/// An answer in its slot.
#[derive(Debug, Clone)]
pub struct Filled<'a> {
    pub(crate) slot: String,
    /// The answer.
    pub answer: &'a Answer,
}

/// A slot that is empty.
#[derive(Debug, Clone)]
pub struct Gap<'a> {
    /// The slot.
    pub slot: Slot,
    absence: Cow<'a, Absence>,
}

impl<'a> View<'a> {
    pub(crate) fn new(copy: &'a PlannedCopy, run: &'a Run<'a>, parts: &'a Cell<Parts>) -> Self {
        Self {
            copy: SeenCopy::new(copy, parts),
            facts: run.facts,
            now: run.settings.now,
            run,
            ids: run.memory.ids(copy),
            parts,
            reader: Reader::new(run),
        }
    }

    /// What was found for a copy that agrees with this one in all that was looked at; found now
    /// where nothing was.
    pub(crate) fn find<Q: Hash + Eq, T>(
        &self,
        among: &Remembered<Q, T>,
        question: Q,
        find: impl FnOnce() -> T,
    ) -> Arc<Kept<T>> {
        if let Some(kept) = among.recall(&question, &self.ids) {
            return kept;
        }
        let outside = (self.parts.take(), self.reader.replace(Vec::new()));
        let value = find();
        let reads = Reads {
            parts: self.parts.replace(outside.0),
            documents: self.reader.replace(outside.1),
        };
        among.keep(question, &self.ids, Kept { value, reads: Arc::new(reads) })
    }

    /// As [`Self::find`], as part of something that is judged: what was read for it counts.
    pub(crate) fn find_part<Q: Hash + Eq, T>(
        &self,
        among: &Remembered<Q, T>,
        question: Q,
        find: impl FnOnce() -> T,
    ) -> Arc<Kept<T>> {
        let kept = self.find(among, question, find);
        self.parts.set(self.parts.get().with(kept.reads.parts));
        self.reader.part(&kept.reads);
        kept
    }

    /// What was found for the copies of the run.
    pub(crate) fn memory(&self) -> &'a Memory {
        &self.run.memory
    }

    /// Reads the answer in a slot.
    ///
    /// # Errors
    /// The gap, where there is no answer; one that nobody looked for becomes wanted.
    pub fn read(&self, slot: &Slot) -> Result<Filled<'a>, Gap<'a>> {
        self.reader.read(slot)
    }

    /// See [`Reader::peek`].
    pub(crate) fn peek(&self, slot: &Slot) -> Option<&'a Answer> {
        self.reader.peek(slot)
    }

    /// See [`Reader::already`].
    pub(crate) fn already(&self, slot: &Slot) -> Option<Filled<'a>> {
        self.reader.already(slot)
    }

    /// What the user stated under an id.
    #[must_use]
    pub fn stated(&self, id: &str) -> Option<&'a str> {
        self.reader.stated(id)
    }

    /// Whether the time as of which is judged is known and lies before a day, `YYYY-MM-DD`.
    #[must_use]
    pub fn is_before(&self, day: &str) -> bool {
        // Both are ISO 8601, so the order of the texts is the order of the times.
        self.now.is_some_and(|now| now.to_string().as_str() < day)
    }

    /// What the facts say of the type and variant; several rows where the variant is not known,
    /// none where the type is not known.
    #[must_use]
    pub fn support(&self) -> Vec<&'a CopySupport> {
        let Some(resource_type) = self.copy.resource_type.look() else { return Vec::new() };
        let variant = self.copy.variant.as_deref();
        self.facts
            .copy_support()
            .iter()
            .filter(|row| row.resource_type == *resource_type)
            .filter(|row| variant.is_none_or(|variant| row.variant == variant))
            .collect()
    }
}

impl<'a> Filled<'a> {
    /// The tree of the answer.
    #[must_use]
    pub fn root(&self) -> &'a Node {
        &self.answer.root
    }

    /// The policy document in the answer.
    #[must_use]
    pub fn document(&self) -> Option<&'a PolicyDocument> {
        self.answer.policy.as_ref()
    }

    /// A label in this document.
    #[must_use]
    pub fn label(&self, span: Span, note: impl Into<String>) -> Label {
        Label { slot: self.slot.clone(), span, note: note.into() }
    }
}

impl Gap<'_> {
    /// Why the slot is empty.
    #[must_use]
    pub fn why(&self) -> Why {
        self.absence.why
    }

    /// What is missing, as an outcome names it.
    #[must_use]
    pub fn missing(&self) -> Missing {
        self.slot.missing(self.absence.why, self.absence.message.clone())
    }

    /// Whether AWS answered that the thing does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.absence.why == Why::NotFound
    }

    /// A label on what says that the thing does not exist, where a file does.
    #[must_use]
    pub fn label(&self, note: impl Into<String>) -> Option<Label> {
        let span = self.absence.place?;
        Some(Label { slot: self.slot.name.clone(), span, note: note.into() })
    }

    /// In a few words, why the document is not there.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self.absence.why {
            Why::Denied => "could not be read (denied)",
            Why::NotFetched => "was not read",
            Why::NotGiven => "was not given",
            Why::NotFound => "does not exist",
            Why::Unreadable => "cannot be read",
        }
    }
}
