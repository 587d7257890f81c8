//! Renderings of a report.

pub mod json;

mod groups;
pub mod human;
pub mod plain;
pub mod window;

pub mod concise;

pub mod explanation;

pub mod copies;
pub mod effective;

mod diagnostic;
pub mod lint;
mod page;
pub mod survey;

use copy_preflight_policy::source::Span;
use copy_preflight_rules::check::Report;
use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::inputs::Inputs;

/// Everything that a renderer shows.
#[derive(Debug)]
pub struct Subject<'a, R = Report> {
    /// The report.
    pub report: &'a R,
    /// The documents it speaks of.
    pub inputs: &'a Inputs,
    /// The facts it rests on.
    pub facts: &'a Facts,
    /// The time as of which was judged.
    pub now: Option<jiff::Timestamp>,
    /// What stands before the paths of documents: the snapshot's folder as it was given.
    pub root: &'a str,
}

/// Facts older than this are told to be old.
const OLD_FACTS_DAYS: i64 = 180;

// Deriving them would ask the same of the report, which is only borrowed.
impl<R> Clone for Subject<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Subject<'_, R> {}

impl<R> Subject<'_, R> {
    /// How old the facts are, in days, at the time as of which was judged.
    fn facts_age_days(&self) -> Option<i64> {
        self.facts.age_in_days(self.now?)
    }

    /// A word on facts that are old.
    fn old_facts(&self) -> Option<String> {
        let days = self.facts_age_days().filter(|&days| days > OLD_FACTS_DAYS)?;
        let checked = self.facts.as_of();
        Some(format!(
            "the facts were checked {days} days ago ({checked}): AWS may have changed since"
        ))
    }

    /// A word on facts that the user replaced.
    fn replaced_facts(&self) -> Option<String> {
        let ids = self.facts.overridden();
        (!ids.is_empty()).then(|| format!("facts replaced by `--facts`: {}", ids.join(", ")))
    }

    /// The path of a document as a person can open it.
    fn path(&self, name: &str) -> String {
        // A file that was given, or a flag.
        if self.inputs.is_given(name) || name.starts_with("--") {
            return name.to_owned();
        }
        let root = self.root.trim_end_matches('/');
        if root.is_empty() { name.to_owned() } else { format!("{root}/{name}") }
    }

    /// The file and the place in it that a span stands for.
    fn in_file(&self, span: Span) -> Option<(String, Span)> {
        let outer = self.inputs.sources.outermost(span);
        let source = self.inputs.sources.get(outer.source)?;
        Some((source.name.clone(), outer))
    }
}
