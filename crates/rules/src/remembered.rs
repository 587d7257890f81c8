//! What the copies of a run have in common, found once.
//!
//! An organization plans the same copy in thousands of accounts, and most rules look at a few
//! parts of it. What a rule finds is a function of the parts that it looked at, because documents,
//! facts and settings of a run stand still: a second copy that agrees in those parts would be led
//! along the same way, question by question, to the same answer.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use crate::arn::{CallerArn, RoleArn};
use crate::copy::{From, Lifecycle, PlanSize, PlannedCopy, SourceKeys};
use crate::inputs::Address;
use crate::seen::{Part, Parts};
use crate::view::Slot;

/// A map whose hashes are quick and always the same.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::FixedState>;

/// What was looked at until something was found.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    /// Parts of the copy.
    pub(crate) parts: Parts,
    /// Documents, in the order of the reads.
    pub(crate) documents: Vec<Read>,
}

/// One look at documents.
#[derive(Debug)]
pub(crate) enum Read {
    /// At a slot; true where nobody had looked there, so that it is wanted.
    Slot(Slot, bool),
    /// At an address whose answer would have been of use, and where nobody had looked.
    Wish(Address),
    /// At an address where nobody had looked, and which is wanted only where others want it.
    Glance(Address),
    /// At all that a part was found with, which others share.
    Part(Arc<Reads>),
}

impl Reads {
    /// Calls for each slot, in the order of the reads; one that was read twice comes twice.
    pub(crate) fn slots<'r>(&'r self, found: &mut impl FnMut(&'r Slot)) {
        for read in &self.documents {
            match read {
                Read::Slot(slot, _) => found(slot),
                Read::Wish(_) | Read::Glance(_) => {}
                Read::Part(part) => part.slots(found),
            }
        }
    }

    /// Calls for each address at which nobody had looked.
    pub(crate) fn wanted<'r>(&'r self, found: &mut impl FnMut(&'r Address)) {
        for read in &self.documents {
            match read {
                Read::Slot(slot, true) => found(&slot.address),
                Read::Slot(_, false) | Read::Glance(_) => {}
                Read::Wish(address) => found(address),
                Read::Part(part) => part.wanted(found),
            }
        }
    }

    /// Whether an answer at one of these addresses, where nobody had looked, would have counted.
    pub(crate) fn hangs_on(&self, addresses: &BTreeSet<Address>) -> bool {
        self.documents.iter().any(|read| match read {
            Read::Slot(slot, true) => addresses.contains(&slot.address),
            Read::Slot(_, false) => false,
            Read::Wish(address) | Read::Glance(address) => addresses.contains(address),
            Read::Part(part) => part.hangs_on(addresses),
        })
    }

    /// Whether nobody had looked at an address that is wanted.
    pub(crate) fn wants(&self) -> bool {
        self.documents.iter().any(|read| match read {
            Read::Slot(_, wanted) => *wanted,
            Read::Wish(_) => true,
            Read::Glance(_) => false,
            Read::Part(part) => part.wants(),
        })
    }
}

/// Something that was found, and what was looked at for it.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    pub(crate) value: T,
    pub(crate) reads: Arc<Reads>,
}

/// Answers to questions about copies.
#[derive(Debug)]
pub(crate) struct Remembered<Q, T> {
    /// Whether anything is kept; a run that keeps nothing is what others are held against.
    keeps: bool,
    answers: RefCell<HashMap<Q, Ways<T>>>,
}

/// The ways to the answers of a question: the parts that were looked at.
type Ways<T> = Vec<(Parts, Answers<T>)>;

/// The answers at the end of one way, by what the parts were.
type Answers<T> = HashMap<PartIds, Arc<Kept<T>>>;

impl<Q: Hash + Eq, T> Remembered<Q, T> {
    pub(crate) fn new(keeps: bool) -> Self {
        Self { keeps, answers: RefCell::default() }
    }

    pub(crate) fn recall(&self, question: &Q, ids: &PartIds) -> Option<Arc<Kept<T>>> {
        let answers = self.answers.borrow();
        let ways = answers.get(question)?;
        ways.iter().find_map(|(parts, answers)| answers.get(&ids.of(*parts)).map(Arc::clone))
    }

    /// Forgets the answers that would have looked at one of these addresses.
    pub(crate) fn forget(&mut self, addresses: &BTreeSet<Address>) {
        for ways in self.answers.get_mut().values_mut() {
            for (_, answers) in ways {
                answers.retain(|_, kept| !kept.reads.hangs_on(addresses));
            }
        }
    }

    pub(crate) fn keep(&self, question: Q, ids: &PartIds, kept: Kept<T>) -> Arc<Kept<T>> {
        let kept = Arc::new(kept);
        if self.keeps {
            let parts = kept.reads.parts;
            let mut answers = self.answers.borrow_mut();
            let ways = answers.entry(question).or_default();
            let at = ways.iter().position(|(known, _)| *known == parts).unwrap_or_else(|| {
                ways.push((parts, Answers::default()));
                ways.len() - 1
            });
            if let Some((_, answers)) = ways.get_mut(at) {
                answers.insert(ids.of(parts), Arc::clone(&kept));
            }
        }
        kept
    }
}

/// The parts of a copy by numbers: equal parts of the copies of a run have the same number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PartIds([u32; Part::ALL.len()]);

impl PartIds {
    /// Only these parts; the others count as equal.
    fn of(&self, parts: Parts) -> Self {
        let mut ids = self.0;
        for (id, part) in ids.iter_mut().zip(Part::ALL) {
            if !parts.holds(part) {
                *id = 0;
            }
        }
        Self(ids)
    }
}

/// The numbers of the parts of copies.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    texts: Numbered<String>,
    froms: Numbered<From>,
    keys: Numbered<SourceKeys>,
    roles: Numbered<RoleArn>,
    callers: Numbered<CallerArn>,
    lifecycles: Numbered<Lifecycle>,
    sizes: Numbered<PlanSize>,
}

impl Numbers {
    pub(crate) fn of(&mut self, copy: &PlannedCopy) -> PartIds {
        let PlannedCopy { source, destination, .. } = copy;
        PartIds(Part::ALL.map(|part| match part {
            Part::CrossAccount => u32::from(copy.is_cross_account()),
            Part::CrossRegion => u32::from(copy.is_cross_region()),
            Part::SameVault => u32::from(source == destination),
            Part::SourcePartition => self.texts.of(Some(&source.partition)),
            Part::SourceRegion => self.texts.of(Some(&source.region)),
            Part::SourceAccount => self.texts.of(Some(&source.account)),
            Part::SourceName => self.texts.of(Some(&source.name)),
            Part::DestinationPartition => self.texts.of(Some(&destination.partition)),
            Part::DestinationRegion => self.texts.of(Some(&destination.region)),
            Part::DestinationAccount => self.texts.of(Some(&destination.account)),
            Part::DestinationName => self.texts.of(Some(&destination.name)),
            Part::From => self.froms.of(Some(&copy.from)),
            Part::ResourceType => self.texts.of(copy.resource_type.as_ref()),
            Part::Variant => self.texts.of(copy.variant.as_ref()),
            Part::RecoveryPoint => self.texts.of(copy.recovery_point.as_ref()),
            Part::Unencrypted => u32::from(copy.source_keys == SourceKeys::Unencrypted),
            Part::SourceKeys => self.keys.of(Some(&copy.source_keys)),
            Part::Role => self.roles.of(copy.role.as_ref()),
            Part::Caller => self.callers.of(copy.caller.as_ref()),
            Part::Lifecycle => self.lifecycles.of(Some(&copy.lifecycle)),
            Part::SourceLifecycle => self.lifecycles.of(copy.source_lifecycle.as_ref()),
            Part::PlanSize => self.sizes.of(copy.plan_size.as_ref()),
        }))
    }
}

/// Values by their numbers, from 1 on; 0 is for none.
#[derive(Debug)]
struct Numbered<T>(HashMap<T, u32>);

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<T: Hash + Eq + Clone> Numbered<T> {
    fn of(&mut self, value: Option<&T>) -> u32 {
        let Some(value) = value else { return 0 };
        if let Some(&number) = self.0.get(value) {
            return number;
        }
        // INVARIANT: a run has fewer copies than there are numbers.
        let number = self.0.len() as u32 + 1;
        self.0.insert(value.clone(), number);
        number
    }
}
