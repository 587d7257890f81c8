//! Renderings of effective policies.

pub mod json;

use copy_preflight_policy::source::{Sources, Span};
use copy_preflight_rules::effective::{Comparison, Judged};

/// An account's effective policy and what it is shown with.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The policy.
    pub judged: &'a Judged,
    /// The comparison with AWS's own answer, where that was saved.
    pub comparison: Option<&'a Comparison>,
    /// What keeps the answer from being whole.
    pub problems: &'a [String],
    /// The texts.
    pub sources: &'a Sources,
}

/// A place in a file.
struct Place {
    name: String,
    line: u32,
    column: u32,
}

impl Shown<'_> {
    fn place(&self, span: Span) -> Option<Place> {
        let outer = self.sources.outermost(span);
        let source = self.sources.get(outer.source)?;
        let position = source.position(outer.start);
        Some(Place { name: source.name.clone(), line: position.line, column: position.column })
    }
}
