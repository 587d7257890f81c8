//! Where documents come from, and who keeps what was fetched.

use std::collections::BTreeSet;
use std::io;

use copy_preflight_rules::inputs::{Address, Fetched, Inputs};

/// A source of documents: a snapshot, or AWS itself.
pub trait Documents {
    /// Looks at every wanted address; each ends up in the inputs, as answer, error or absence.
    ///
    /// # Errors
    /// Where the run ends: nothing that is missing is an error.
    fn load(&mut self, wanted: &BTreeSet<Address>, inputs: &mut Inputs) -> Result<(), Stop>;

    /// Says how far a long run has come, to a source that shows it.
    fn stage(&mut self, _: &str) {}
}

/// Takes what was fetched, such as the writer of a snapshot.
pub trait Keep {
    /// Keeps one answer or error, as it comes.
    ///
    /// # Errors
    /// Where it cannot be written, which ends the run.
    fn keep(&mut self, fetched: &Fetched) -> io::Result<()>;
}

/// Why a run ends before its report.
#[derive(Debug)]
pub enum Stop {
    /// By ctrl-C.
    Interrupted,
    /// What was fetched cannot be kept: what of it, and why.
    Keep(String, io::Error),
}
