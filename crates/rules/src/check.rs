//! The engine: every rule on every planned copy, and the verdict.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use copy_preflight_policy::source::Span;

use crate::copy::PlannedCopy;
use crate::facts::{Certainty, Facts};
use crate::inputs::{Address, Inputs};
use crate::outcome::{Outcome, OutcomeKind};
use crate::plan::{Plan, Planned};
use crate::remembered::Kept;
use crate::rule::{Gate, Level, Rule};
use crate::rules::planned_copy::RULES;
use crate::run::Run;
use crate::view::{Slot, View};

/// How to judge.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether a clear verdict that rests on inferred facts is undecided.
    pub strict: bool,
    /// Whether only documented faults block; others then leave the copy undecided.
    pub documented_only: bool,
    /// What the user stated: id and value.
    pub answers: BTreeMap<String, String>,
    /// The time as of which is judged.
    pub now: Option<jiff::Timestamp>,
}

/// What is said of all planned copies.
#[derive(Debug, Clone)]
pub struct Report {
    /// The verdict over all copies that count.
    pub verdict: Verdict,
    /// Its certainty.
    pub certainty: Certainty,
    /// One for each planned copy, in the order of the plan.
    pub copies: Vec<CopyReport>,
    /// Gates that no rule judges yet.
    pub unjudged: Vec<Gate>,
    /// Addresses that a rule asked for and nobody looked at.
    pub wanted: BTreeSet<Address>,
    /// The ids of answers that rules asked the user for.
    pub asked: BTreeSet<String>,
}

/// What is said of one planned copy.
#[derive(Debug, Clone)]
pub struct CopyReport {
    /// The copy.
    pub copy: PlannedCopy,
    /// Whether it counts: a type that can never be copied, in a list of all types, does not.
    pub counts: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Its certainty.
    pub certainty: Certainty,
    /// One outcome for each rule, in the order of the gates.
    pub outcomes: Vec<RuleOutcome>,
    /// The documents that rules asked for, by their part in this copy.
    pub slots: Vec<Slot>,
    /// Addresses that a rule asked for and nobody looked at.
    pub wanted: BTreeSet<Address>,
}

/// An outcome and the rule that it is of.
#[derive(Debug, Clone)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: &'static Rule,
    /// What it says, which other copies may share.
    pub outcome: Arc<Outcome>,
}

/// The answer to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing that was judged stands in the way.
    Clear,
    /// It cannot be told.
    Undecided,
    /// The copy fails.
    Blocked,
}

impl Verdict {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Undecided => "undecided",
            Self::Blocked => "blocked",
        }
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id())
    }
}

/// Judges every copy of the plan by every rule.
#[must_use]
pub fn check(plan: &Plan, inputs: &Inputs, facts: &Facts, settings: &Settings) -> Report {
    let run = Run::new(inputs, facts, settings);
    let mut wanted = plan.wanted.clone();
    let copies: Vec<CopyReport> = plan
        .copies
        .iter()
        .map(|planned| {
            let mut report = judge(planned, &run).report(planned);
            wanted.append(&mut report.wanted);
            for slot in &plan.slots {
                if !report.slots.contains(slot) {
                    report.slots.push(slot.clone());
                }
            }
            report
        })
        .collect();
    let (verdict, certainty) = total(&copies, plan.incomplete);
    let asked = run.asked.take();
    Report { verdict, certainty, copies, unjudged: unjudged(), wanted, asked }
}

/// What the rules say of one copy, before anything is copied out of the memory of the run.
#[derive(Debug)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// Its certainty.
    pub certainty: Certainty,
    /// What each rule found, in the order of the gates.
    found: Vec<Arc<Kept<RuleOutcome>>>,
}

/// Judges one copy by every rule.
#[must_use]
pub fn judge(planned: &Planned, run: &Run<'_>) -> Judged {
    let parts = Cell::default();
    let view = View::new(&planned.copy, run, &parts);
    let rules = RULES.iter().enumerate();
    let found: Vec<Arc<Kept<RuleOutcome>>> = rules
        .map(|(number, one)| {
            view.find(&run.memory.outcomes, number, || {
                let mut outcome = (one.check)(&view);
                for label in &mut outcome.labels {
                    label.span = inside_quotes(run.inputs, label.span);
                }
                RuleOutcome { rule: &one.rule, outcome: Arc::new(outcome) }
            })
        })
        .collect();
    let (mut verdict, certainty) = verdict(found.iter().map(|one| &one.value), run.settings);
    if planned.doubt.is_some() {
        verdict = Verdict::Undecided;
    }
    Judged { verdict, certainty, found }
}

impl Judged {
    /// One outcome for each rule, in the order of the gates.
    pub fn outcomes(&self) -> impl Iterator<Item = &RuleOutcome> {
        self.found.iter().map(|one| &one.value)
    }

    /// Addresses that a rule asked for and nobody looked at.
    #[must_use]
    pub fn wanted(&self) -> BTreeSet<&Address> {
        let mut wanted = BTreeSet::new();
        for one in self.found.iter().filter(|one| one.reads.wants()) {
            one.reads.wanted(&mut |address| {
                wanted.insert(address);
            });
        }
        wanted
    }

    /// Whether an answer at one of these addresses, where nobody had looked, may change what is
    /// said of the copy.
    #[must_use]
    pub fn hangs_on(&self, addresses: &BTreeSet<Address>) -> bool {
        self.found.iter().any(|one| one.reads.hangs_on(addresses))
    }

    /// The documents that rules asked for, by their part in this copy, each once and in the order
    /// of the first reads.
    #[must_use]
    pub fn slots(&self) -> Vec<&Slot> {
        let (mut slots, mut known) = (Vec::new(), HashSet::new());
        for one in &self.found {
            one.reads.slots(&mut |slot| {
                if known.insert(slot) {
                    slots.push(slot);
                }
            });
        }
        slots
    }

    /// Each rule's outcome with the slots that it alone asked for, each once.
    pub(crate) fn apart(&self) -> impl Iterator<Item = (&RuleOutcome, Vec<&Slot>)> {
        self.found.iter().map(|one| {
            let mut slots: Vec<&Slot> = Vec::new();
            one.reads.slots(&mut |slot| {
                if !slots.contains(&slot) {
                    slots.push(slot);
                }
            });
            (&one.value, slots)
        })
    }

    /// The address that fills a slot of this copy.
    #[must_use]
    pub fn address(&self, slot: &str) -> Option<&Address> {
        let mut found = None;
        for one in &self.found {
            one.reads.slots(&mut |read| {
                if found.is_none() && read.name == slot {
                    found = Some(&read.address);
                }
            });
        }
        found
    }

    /// All that is said of the copy, to be kept.
    #[must_use]
    pub fn report(&self, planned: &Planned) -> CopyReport {
        CopyReport {
            copy: planned.copy.clone(),
            counts: planned.counts,
            verdict: self.verdict,
            certainty: self.certainty,
            outcomes: self.outcomes().cloned().collect(),
            slots: self.slots().into_iter().cloned().collect(),
            wanted: self.wanted().into_iter().cloned().collect(),
        }
    }
}

/// The text of a string without its quotes, so that the same text is underlined whatever format
/// a document is written in.
pub(crate) fn inside_quotes(inputs: &Inputs, span: Span) -> Span {
    let text = inputs.sources.slice(span);
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inside) if !inside.is_empty() && !inside.contains('"') => {
            Span::new(span.source, span.start + 1, span.end - 1)
        }
        _ => span,
    }
}

/// Blocked before undecided before clear. One fault suffices, so the certainty of a blocked
/// verdict is the best among its faults; a clear one is as sure as the weakest thing under it.
fn verdict<'o>(
    outcomes: impl Iterator<Item = &'o RuleOutcome> + Clone,
    settings: &Settings,
) -> (Verdict, Certainty) {
    let faults = outcomes
        .clone()
        .filter(|one| one.outcome.kind == OutcomeKind::Broken && one.rule.level == Level::Error)
        .map(|one| one.outcome.certainty);
    let worst_allowed =
        if settings.documented_only { Certainty::Documented } else { Certainty::Stated };
    if let Some(best) = faults.clone().filter(|&certainty| certainty <= worst_allowed).min() {
        return (Verdict::Blocked, best);
    }
    let weakest = outcomes
        .clone()
        .filter(|one| one.outcome.kind != OutcomeKind::NotApplicable)
        .map(|one| one.outcome.certainty)
        .max()
        .unwrap_or(Certainty::Documented);
    let mut outcomes = outcomes;
    let open = outcomes.any(|one| one.outcome.kind == OutcomeKind::Undecided);
    if open || faults.count() > 0 || (settings.strict && weakest > Certainty::Documented) {
        (Verdict::Undecided, weakest)
    } else {
        (Verdict::Clear, weakest)
    }
}

fn total(copies: &[CopyReport], incomplete: bool) -> (Verdict, Certainty) {
    let counted = || copies.iter().filter(|copy| copy.counts);
    // A plan without copies is no clear plan.
    let verdict = counted().map(|copy| copy.verdict).max().unwrap_or(Verdict::Undecided);
    // Copies that could not be planned are not known to work.
    let verdict = if incomplete { verdict.max(Verdict::Undecided) } else { verdict };
    let certainties = counted().filter(|copy| copy.verdict == verdict).map(|copy| copy.certainty);
    let certainty = match verdict {
        Verdict::Blocked => certainties.min(),
        Verdict::Undecided | Verdict::Clear => certainties.max(),
    };
    (verdict, certainty.unwrap_or(Certainty::Documented))
}

fn unjudged() -> Vec<Gate> {
    let judged: BTreeSet<Gate> = RULES.iter().map(|rule| rule.gate).collect();
    Gate::ALL.into_iter().filter(|gate| !judged.contains(gate)).collect()
}
