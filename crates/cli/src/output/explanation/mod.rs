//! Renderings of explanations.

pub mod human;
pub mod json;

use std::rc::Rc;

use copy_preflight_rules::check::Report;
use copy_preflight_rules::explanation::{Cause, Confirmed, Explanation};
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::incident::Incident;
use copy_preflight_rules::inputs::Inputs;

use super::Subject;

/// An incident and what is said of it.
#[derive(Debug)]
pub struct Explained {
    /// The incident.
    pub incident: Incident,
    /// What is said of it.
    pub explanation: Explanation,
    /// The documents that were asked which cause holds.
    pub evidence: Option<Box<Evidence>>,
}

/// What the rules say of the copy that the job made.
#[derive(Debug)]
pub struct Evidence {
    /// The report.
    pub report: Report,
    /// The documents, which several incidents may share.
    pub inputs: Rc<Inputs>,
}

/// What all explanations of a run share.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The facts.
    pub facts: &'a Facts,
    /// The snapshot's folder as it was given; empty without one.
    pub root: &'a str,
    /// The time as of which was judged.
    pub now: Option<jiff::Timestamp>,
}

impl Explained {
    fn subject<'a>(&'a self, run: Run<'a>) -> Option<Subject<'a>> {
        self.evidence.as_ref().map(|evidence| Subject {
            report: &evidence.report,
            inputs: &evidence.inputs,
            facts: run.facts,
            root: run.root,
            now: run.now,
        })
    }

    /// The cause to act upon: one that is confirmed, else the first that is not refuted, else the
    /// first.
    fn main_cause(&self) -> Option<&Cause> {
        let causes = &self.explanation.causes;
        let find = |wanted: &dyn Fn(Confirmed) -> bool| {
            causes.iter().find(|cause| wanted(cause.confirmed))
        };
        find(&|confirmed| confirmed == Confirmed::Yes)
            .or_else(|| find(&|confirmed| confirmed != Confirmed::No))
            .or_else(|| causes.first())
    }
}
