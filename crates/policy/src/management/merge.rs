//! The merge: levels in, effective policy out.

use super::branch::Branch;
use super::diagnostic::Diagnostic;
use super::entry::{Ambiguous, Entry};
use super::level::{Kind, Level};
use super::outcomes::outcomes;
use super::walk::Reading;
use crate::tree::Node;
use smol_str::SmolStr;

/// An effective policy in the making.
///
/// Levels are added from the root down to the account. A copy can go on by itself, so that
/// accounts of one OU share what lies above them.
#[derive(Debug, Clone)]
pub struct Merge {
    kind: Kind,
    root: Branch,
    levels: usize,
    attached: bool,
    diagnostics: Vec<Diagnostic>,
}

/// What the policies of a path make together.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The type of the policies.
    pub kind: Kind,
    /// The document; its key is empty.
    pub root: Entry,
    /// Whether there was any policy on the path. Without one AWS answers
    /// `EffectivePolicyNotFoundException`.
    pub attached: bool,
    /// What was ignored and what cannot be right, in the order of levels and documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// The effective policy of these levels, the root's first and the account's last.
#[must_use]
pub fn effective(kind: Kind, levels: &[Level<'_>]) -> Effective {
    let mut merge = Merge::new(kind);
    levels.iter().for_each(|level| merge.level(level));
    merge.finish()
}

impl Merge {
    /// No policies yet.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            root: Branch::new(SmolStr::default(), 0),
            levels: 0,
            attached: false,
            diagnostics: Vec::new(),
        }
    }

    /// Adds the policies of the next level down.
    pub fn level(&mut self, level: &Level<'_>) {
        // The document itself is nothing that a level creates.
        self.levels += 1;
        let (policies, ordered) = level.in_order();
        for (number, policy) in policies.into_iter().enumerate() {
            self.attached = true;
            let mut reading = Reading {
                target: &level.target,
                policy: &policy.id,
                level: self.levels,
                number,
                diagnostics: &mut self.diagnostics,
            };
            reading.object(&mut self.root, policy.content, "", &[]);
        }
        settle(&mut self.root, self.kind, ordered);
    }

    /// The effective policy.
    #[must_use]
    pub fn finish(self) -> Effective {
        Effective {
            kind: self.kind,
            root: Entry::of(self.root, &[]),
            attached: self.attached,
            diagnostics: self.diagnostics,
        }
    }
}

/// Ends a level: its operators act, and its locks begin to bind.
fn settle(branch: &mut Branch, kind: Kind, ordered: bool) {
    if !std::mem::take(&mut branch.touched) {
        return;
    }
    if !branch.pending.is_empty() {
        let found = outcomes(kind, ordered, &branch.possible, &branch.pending);
        branch.pending.clear();
        branch.possible = found.possible;
        if found.replaced || branch.possible.len() == 1 {
            branch.why.clear();
        }
        branch.why.extend(found.why);
        branch.why.sort_unstable();
        branch.why.dedup();
    }
    branch.locks.append(&mut branch.new_locks);
    for child in &mut branch.children {
        settle(child, kind, ordered);
    }
}

impl Effective {
    /// The document as AWS answers it, see [`Entry::to_node`].
    #[must_use]
    pub fn to_node(&self) -> Node {
        self.root.to_node()
    }

    /// The settings that have more than one possible value, or one that is not known.
    #[must_use]
    pub fn ambiguous(&self) -> Vec<Ambiguous> {
        let mut found = Vec::new();
        self.root.collect_ambiguous("", &mut found);
        found
    }
}
