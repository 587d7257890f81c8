//! Documents judged by themselves: what is wrong in a policy, without any account.

pub(crate) mod catalogue;
pub(crate) mod conditions;
pub(crate) mod keys;

mod kind;

mod detect;
mod document;

pub(crate) mod placeholder;
mod reach;
pub(crate) mod sharing;
pub(crate) mod view;

pub use detect::{Found, Hints, documents};
pub use document::{Document, Owner};
pub use kind::DocumentKind;
pub(crate) use kind::{IAM, ON_RESOURCES};
pub(crate) use reach::{Probe, Reach, Reached};
pub use view::DocumentView;

use crate::facts::Facts;
use crate::outcome::{Outcome, OutcomeKind};
use crate::rule::{DocumentRule, Rule};
use crate::rules::change;
use crate::rules::document::RULES;
use keys::ConditionKeys;

/// What documents are judged by; made once for a run.
pub struct Linter<'f> {
    facts: &'f Facts,
    keys: ConditionKeys,
    now: Option<jiff::Timestamp>,
}

/// What one rule found in one document.
#[derive(Clone)]
pub struct Finding {
    /// The rule.
    pub rule: &'static DocumentRule,
    /// What it says: broken or undecided.
    pub outcome: Outcome,
}

impl<'f> Linter<'f> {
    /// A linter that judges as of a time; without one nothing is told of dates.
    #[must_use]
    pub fn new(facts: &'f Facts, now: Option<jiff::Timestamp>) -> Self {
        Self { facts, keys: ConditionKeys::of(facts), now }
    }

    /// Judges a document by all rules that concern its kind. What they do not find holds.
    #[must_use]
    pub fn check(&self, document: &Document) -> Vec<Finding> {
        let view = DocumentView::new(document, self.facts, &self.keys, self.now);
        let mut findings = Vec::new();
        for rule in rules_of(document.kind) {
            let outcomes = (rule.check)(&view).into_iter();
            findings.extend(
                outcomes.map(|outcome| Finding { rule, outcome: self.rest(&rule.rule, outcome) }),
            );
        }
        findings
    }

    /// Judges what a change brings; a new document has no version before.
    #[must_use]
    pub fn compare(
        &self,
        before: Option<&Document>,
        after: &Document,
    ) -> Vec<(&'static Rule, Outcome)> {
        let view = |document| DocumentView::new(document, self.facts, &self.keys, self.now);
        let (before, after_view) = (before.map(view), view(after));
        let concerned = change::RULES.iter().filter(|rule| rule.kinds.contains(&after.kind));
        let mut found = Vec::new();
        for rule in concerned {
            let outcomes = (rule.check)(before.as_ref(), &after_view).into_iter();
            found.extend(outcomes.map(|outcome| (&rule.rule, self.rest(&rule.rule, outcome))));
        }
        found
    }

    /// An outcome that names no facts of its own rests on all of its rule.
    fn rest(&self, rule: &Rule, outcome: Outcome) -> Outcome {
        if !outcome.facts.is_empty() {
            return outcome;
        }
        let cite = |outcome: Outcome, fact: &&str| match outcome.kind {
            OutcomeKind::Undecided => outcome.cites(fact),
            _ => outcome.rests_on(fact, self.facts.certainty(fact)),
        };
        rule.facts.iter().fold(outcome, cite)
    }
}

/// The rules that concern a kind of document, in the order of the registry.
pub fn rules_of(kind: DocumentKind) -> impl Iterator<Item = &'static DocumentRule> {
    RULES.iter().copied().filter(move |rule| rule.kinds.contains(&kind))
}
