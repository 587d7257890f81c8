//! Planned copies judged by the documents of a repository: do these documents still permit the
//! copies that are relied on?
//!
//! The rules are those of `check`. A repository holds a vault's policy and a key's policy, rarely
//! more, so most of what a copy needs is missing, and missing means undecided. What is asked here
//! is narrower: a rule counts where a document that was given decides it.

mod papers;

pub use papers::{Papers, Stated};

use std::collections::BTreeSet;

use crate::check::{RuleOutcome, Settings, judge_apart};
use crate::copy::PlannedCopy;
use crate::facts::Facts;
use crate::inputs::{Address, Inputs};
use crate::outcome::{Outcome, OutcomeKind};
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
    let apart = judge_apart(copy, &Run::new(inputs, facts, settings));
    let mut judged = Judged { rules: Vec::new(), slots: Vec::new(), wanted: apart.wanted };
    for (outcome, slots) in apart.outcomes {
        if let Some(standing) = standing(&outcome.outcome, &slots, papers) {
            let given = slots.iter().filter(|slot| papers.is_given(&slot.address));
            let given = given.map(|slot| slot.name.clone()).collect();
            judged.rules.push(Judgement { outcome, standing, given });
        }
        for slot in slots {
            if !judged.slots.contains(&slot) {
                judged.slots.push(slot);
            }
        }
    }
    judged
}

/// What an outcome means; `None` for a rule that does not concern the copy.
///
/// A rule that only read what was assumed says nothing: an assumption answers the one question
/// it was made for, and is silent on all others.
fn standing(outcome: &Outcome, slots: &[Slot], papers: &Papers) -> Option<Standing> {
    let reads_given = slots.iter().any(|slot| papers.is_given(&slot.address));
    let reads_assumed = slots.iter().any(|slot| papers.is_assumed(&slot.address));
    let only_assumed = reads_assumed && !reads_given;
    Some(match outcome.kind {
        OutcomeKind::NotApplicable => return None,
        OutcomeKind::Broken | OutcomeKind::Holds if only_assumed => Standing::NotJudged,
        OutcomeKind::Broken => Standing::Breaks,
        OutcomeKind::Holds => Standing::Permits,
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
