//! What all copies of a run share.

use std::sync::OnceLock;

use crate::check::Settings;
use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::organization::{GuardKind, GuardList};
use crate::outcome::Missing;
use crate::view::ListRead;

/// The documents, the facts and the settings of a run, and what is worked out from them once for
/// all copies.
#[derive(Debug)]
pub struct Run<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) facts: &'a Facts,
    pub(crate) settings: &'a Settings,
    scps: OnceLock<Guards>,
    rcps: OnceLock<Guards>,
}

/// The policies of one kind with the reads that gave them.
///
/// INVARIANT: what [`GuardList::read`] gives. The documents are borrowed, so they stay as they
/// are.
#[derive(Debug)]
pub(crate) struct Guards {
    pub(crate) list: Result<GuardList, Missing>,
    pub(crate) reads: Vec<ListRead>,
}

impl<'a> Run<'a> {
    /// A run on these documents.
    #[must_use]
    pub fn new(inputs: &'a Inputs, facts: &'a Facts, settings: &'a Settings) -> Self {
        Self { inputs, facts, settings, scps: OnceLock::new(), rcps: OnceLock::new() }
    }

    /// The policies of the organization that are of one kind.
    pub(crate) fn guards(&self, kind: GuardKind) -> &Guards {
        let cell = match kind {
            GuardKind::Scp => &self.scps,
            GuardKind::Rcp => &self.rcps,
        };
        cell.get_or_init(|| {
            let mut reads = Vec::new();
            let list = GuardList::read(self.inputs, kind, &mut reads);
            Guards { list, reads }
        })
    }
}
