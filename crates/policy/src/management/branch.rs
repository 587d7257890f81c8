//! The state of the merge at one key.

use std::collections::HashMap;

use smol_str::SmolStr;

use super::diagnostic::Related;
use super::history::{Lock, Step};
use super::outcomes::{Open, Pending};
use super::value::Value;
use crate::source::Span;

/// A key, what policies said of it so far, and the keys below.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    /// Lower-case: keys are not case-sensitive (archived backup policy syntax page, 2021).
    pub(super) key: SmolStr,
    /// The key as policies write it, and where.
    pub(super) written: Vec<(SmolStr, Span)>,
    pub(super) children: Vec<Branch>,
    /// INVARIANT: the place of each child by its key.
    pub(super) index: HashMap<SmolStr, usize>,
    /// Locks of higher levels, and those of the level that is being read, which bind only lower
    /// ones.
    pub(super) locks: Vec<Lock>,
    pub(super) new_locks: Vec<Lock>,
    /// The level that created the key, and the lock that may have stopped it.
    pub(super) level: usize,
    pub(super) doubt: Option<Related>,
    /// The last policy that wrote the key.
    pub(super) writer: Option<(usize, usize)>,
    /// What the value may be, the one that is shown first; `None` for no value.
    pub(super) possible: Vec<Option<Value>>,
    /// Why there is more than one.
    pub(super) why: Vec<Open>,
    pub(super) steps: Vec<Step>,
    /// The operators of the level that is being read.
    pub(super) pending: Vec<Pending>,
    /// Why nothing at and below the key is certain.
    pub(super) taints: Vec<Open>,
    /// Whether this level wrote at or below the key.
    pub(super) touched: bool,
}

impl Branch {
    pub(super) fn new(key: SmolStr, level: usize) -> Self {
        Self {
            key,
            written: Vec::new(),
            children: Vec::new(),
            index: HashMap::new(),
            locks: Vec::new(),
            new_locks: Vec::new(),
            level,
            doubt: None,
            writer: None,
            possible: vec![None],
            why: Vec::new(),
            steps: Vec::new(),
            pending: Vec::new(),
            taints: Vec::new(),
            touched: false,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.index.contains_key(key)
    }

    /// The child with this key, made where there is none.
    pub(super) fn child(&mut self, key: &SmolStr, level: usize) -> Option<&mut Self> {
        let next = self.children.len();
        let at = *self.index.entry(key.clone()).or_insert(next);
        if at == next {
            self.children.push(Self::new(key.clone(), level));
        }
        self.children.get_mut(at)
    }

    /// Whether an operator ever acted or was to act on it.
    pub(super) fn is_setting(&self) -> bool {
        !self.steps.is_empty()
    }

    pub(super) fn taint(&mut self, why: Open) {
        if !self.taints.contains(&why) {
            self.taints.push(why);
        }
    }
}
