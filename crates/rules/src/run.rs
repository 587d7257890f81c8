//! What all copies of a run share.

use crate::check::Settings;
use crate::facts::Facts;
use crate::inputs::Inputs;

/// The documents, the facts and the settings of a run.
#[derive(Debug)]
pub struct Run<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) facts: &'a Facts,
    pub(crate) settings: &'a Settings,
}

impl<'a> Run<'a> {
    /// A run on these documents.
    #[must_use]
    pub fn new(inputs: &'a Inputs, facts: &'a Facts, settings: &'a Settings) -> Self {
        Self { inputs, facts, settings }
    }
}
