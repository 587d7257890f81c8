//! What is special to backup policies: when they are valid, and the copies that they plan.

mod copies;
mod validate;

pub use copies::{CopyKind, PlannedCopy, copies};
pub use validate::{Limits, validate};
