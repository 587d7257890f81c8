//! The engine: every rule on every planned copy, and the verdict.

use std::collections::{BTreeMap, BTreeSet};

use copy_preflight_policy::source::Span;

use crate::copy::PlannedCopy;
use crate::facts::{Certainty, Facts};
use crate::inputs::{Address, Inputs};
use crate::outcome::{Outcome, OutcomeKind};
use crate::plan::{Plan, Planned};
use crate::rule::{CopyRule, Gate, Level, Rule};
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
    /// What it says.
    pub outcome: Outcome,
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
            let mut report = judge(planned, &run);
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
    Report { verdict, certainty, copies, unjudged: unjudged(), wanted }
}

/// Judges one copy by every rule.
#[must_use]
pub fn judge(planned: &Planned, run: &Run<'_>) -> CopyReport {
    let copy = &planned.copy;
    let view = View::new(copy, run);
    let outcomes: Vec<RuleOutcome> = RULES.iter().map(|rule| outcome(rule, &view, run)).collect();
    let (slots, wanted) = view.into_reads();
    let (verdict, certainty) = verdict(&outcomes, run.settings);
    CopyReport {
        copy: copy.clone(),
        counts: planned.counts,
        verdict,
        certainty,
        outcomes,
        slots,
        wanted,
    }
}

/// One copy by every rule, each with a view of its own.
#[derive(Debug, Clone)]
pub(crate) struct Apart {
    /// What the rules say, in the order of the gates, with the slots that each of them read.
    pub(crate) outcomes: Vec<(RuleOutcome, Vec<Slot>)>,
    /// Addresses that a rule asked for and nobody looked at.
    pub(crate) wanted: BTreeSet<Address>,
}

/// Judges one copy by every rule, so that each rule shows what it alone has read.
pub(crate) fn judge_apart(copy: &PlannedCopy, run: &Run<'_>) -> Apart {
    let mut apart = Apart { outcomes: Vec::with_capacity(RULES.len()), wanted: BTreeSet::new() };
    for rule in RULES {
        let view = View::new(copy, run);
        let outcome = outcome(rule, &view, run);
        let (slots, mut wanted) = view.into_reads();
        apart.wanted.append(&mut wanted);
        apart.outcomes.push((outcome, slots));
    }
    apart
}

fn outcome(one: &'static CopyRule, view: &View<'_>, run: &Run<'_>) -> RuleOutcome {
    let mut outcome = (one.check)(view);
    for label in &mut outcome.labels {
        label.span = inside_quotes(run.inputs, label.span);
    }
    RuleOutcome { rule: &one.rule, outcome }
}

/// The text of a string without its quotes, so that the same text is underlined whatever format
/// a document is written in.
fn inside_quotes(inputs: &Inputs, span: Span) -> Span {
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
fn verdict(outcomes: &[RuleOutcome], settings: &Settings) -> (Verdict, Certainty) {
    let faults = outcomes
        .iter()
        .filter(|one| one.outcome.kind == OutcomeKind::Broken && one.rule.level == Level::Error)
        .map(|one| one.outcome.certainty);
    let worst_allowed =
        if settings.documented_only { Certainty::Documented } else { Certainty::Stated };
    if let Some(best) = faults.clone().filter(|&certainty| certainty <= worst_allowed).min() {
        return (Verdict::Blocked, best);
    }
    let weakest = outcomes
        .iter()
        .filter(|one| one.outcome.kind != OutcomeKind::NotApplicable)
        .map(|one| one.outcome.certainty)
        .max()
        .unwrap_or(Certainty::Documented);
    let open = outcomes.iter().any(|one| one.outcome.kind == OutcomeKind::Undecided);
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
