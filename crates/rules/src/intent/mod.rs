//! Planned copies judged by the documents of a repository: do these documents still permit the
//! copies that are relied on?
//!
//! The rules are those of `check`. A repository holds a vault's policy and a key's policy, rarely
//! more, so most of what a copy needs is missing, and missing means undecided. What is asked here
//! is narrower: a rule counts where a document that was given decides it.

mod papers;

pub use papers::{Papers, Stated};

use std::collections::BTreeSet;

use crate::check::{self, RuleOutcome, Settings};
use crate::copy::PlannedCopy;
use crate::facts::Facts;
use crate::inputs::{Address, Inputs};
use crate::outcome::{Outcome, OutcomeKind};
use crate::plan::Planned;
use crate::reasons;
use crate::run::Run;
use crate::view::Slot;

/// What the documents say of one planned copy.
#[derive(Debug, Clone)]
pub struct Judged {
    /// One for each rule that concerns the copy, in the order of the gates.
    pub rules: Vec<Judgement>,
    /// The slots that rules asked for.
    pub slots: Vec<Slot>,
    /// Addresses that a rule asked for and nobody looked at.
    pub wanted: BTreeSet<Address>,
}

/// What one rule says, and whether the documents at hand decide it.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The rule and its outcome.
    pub outcome: RuleOutcome,
    /// What that means for the question.
    pub standing: Standing,
    /// The slots of the given documents that it read.
    pub given: Vec<String>,
}

/// What a rule on a planned copy means for documents that are not all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A given document permits what the rule asks for.
    Permits,
    /// It is broken: by a given document, or by facts that no document changes.
    Breaks,
    /// A given document leaves it open: by a value that a template does not settle, a condition
    /// whose key no call is known to carry, or a copy role that the config does not name.
    Open,
    /// It hangs on documents that were not given.
    NotJudged,
}

/// Judges a planned copy by the documents at hand.
#[must_use]
pub fn judge(
    copy: &PlannedCopy,
    inputs: &Inputs,
    papers: &Papers,
    facts: &Facts,
    settings: &Settings,
) -> Judged {
    let planned = Planned { copy: copy.clone(), counts: true, doubt: None };
    let run = Run::new(inputs, facts, settings);
    let found = check::judge(&planned, &run);
    let rules = found.apart().filter_map(|(outcome, slots)| {
        let standing = standing(&outcome.outcome, &slots, papers)?;
        let given = slots.iter().filter(|slot| papers.is_given(&slot.address));
        let given = given.map(|slot| slot.name.clone()).collect();
        Some(Judgement { outcome: outcome.clone(), standing, given })
    });
    Judged {
        rules: rules.collect(),
        slots: found.slots().into_iter().cloned().collect(),
        wanted: found.wanted().into_iter().cloned().collect(),
    }
}

/// What an outcome means; `None` for a rule that does not concern the copy.
///
/// A rule that only read what was assumed says nothing: an assumption answers the one question
/// it was made for, and is silent on all others.
fn standing(outcome: &Outcome, slots: &[&Slot], papers: &Papers) -> Option<Standing> {
    let reads_given = slots.iter().any(|slot| papers.is_given(&slot.address));
    let reads_assumed = slots.iter().any(|slot| papers.is_assumed(&slot.address));
    let only_assumed = reads_assumed && !reads_given;
    Some(match outcome.kind {
        OutcomeKind::NotApplicable => return None,
        OutcomeKind::Broken | OutcomeKind::Holds if only_assumed => Standing::NotJudged,
        OutcomeKind::Broken => Standing::Breaks,
        OutcomeKind::Holds => Standing::Permits,
        // Nothing that could be fetched or said would settle it: the copy itself is not understood,
        // such as a type or a Region that no fact knows.
        OutcomeKind::Undecided if is_of_the_copy(outcome) => Standing::Open,
        OutcomeKind::Undecided if !reads_given => Standing::NotJudged,
        // That AWS's pages contradict each other is no fault of the document.
        OutcomeKind::Undecided if outcome.reason == Some(reasons::SOURCES_CONTRADICT.name) => {
            Standing::NotJudged
        }
        OutcomeKind::Undecided => {
            // What has a command is a document; the rest is something that the config can say.
            let lacks_document = outcome.missing.iter().any(|missing| missing.command.is_some());
            let in_unknown = outcome.labels.iter().any(|label| papers.is_unsettled(label.span));
            if lacks_document && !in_unknown { Standing::NotJudged } else { Standing::Open }
        }
    })
}

/// Whether an outcome is undecided for what the planned copy says.
fn is_of_the_copy(outcome: &Outcome) -> bool {
    outcome.missing.is_empty()
        && outcome.answer.is_none()
        && outcome.depends_on.is_empty()
        && outcome.labels.is_empty()
        && outcome.reason != Some(reasons::SOURCES_CONTRADICT.name)
}
