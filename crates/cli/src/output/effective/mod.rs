//! Renderings of effective policies.

pub mod human;
pub mod json;

use copy_preflight_policy::management::{Diagnostic, Entry, Setting};
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

impl<'a> Shown<'a> {
    /// The settings at and below a path, the shown and the others.
    fn settings(&self, path: &str) -> Vec<(String, &'a Setting)> {
        let path = path.trim_matches('/').to_lowercase();
        let mut found = Vec::new();
        if let Some(entry) = self.judged.effective.root.at(&path) {
            collect(entry, &path, &mut found);
        }
        found
    }

    /// The diagnostics at and below a path, with their places in the list.
    fn diagnostics(&self, path: &str) -> impl Iterator<Item = (usize, &'a Diagnostic)> {
        let path = path.trim_matches('/').to_lowercase();
        let diagnostics = self.judged.effective.diagnostics.iter().enumerate();
        diagnostics.filter(move |(_, one)| {
            let rest = one.path.strip_prefix(&path);
            path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    fn place(&self, span: Span) -> Option<Place> {
        let outer = self.sources.outermost(span);
        let source = self.sources.get(outer.source)?;
        let position = source.position(outer.start);
        Some(Place { name: source.name.clone(), line: position.line, column: position.column })
    }
}

fn collect<'a>(entry: &'a Entry, path: &str, found: &mut Vec<(String, &'a Setting)>) {
    if let Some(setting) = &entry.setting {
        found.push((path.to_owned(), setting));
    }
    for child in &entry.children {
        let path =
            if path.is_empty() { child.key.to_string() } else { format!("{path}/{}", child.key) };
        collect(child, &path, found);
    }
}
