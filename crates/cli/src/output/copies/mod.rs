//! Renderings of the copies of an organization.

pub mod human;
pub mod json;

use std::collections::BTreeSet;

use copy_preflight_rules::facts::Facts;
use copy_preflight_rules::matrix::Matrix;

/// What is known when all copies were judged.
#[derive(Debug, Clone, Copy)]
pub struct Folded<'a> {
    /// The matrix.
    pub matrix: &'a Matrix,
    /// Documents that could not be read as they are.
    pub problems: &'a BTreeSet<String>,
    /// The facts.
    pub facts: &'a Facts,
    /// The time as of which was judged.
    pub now: Option<jiff::Timestamp>,
    /// The snapshot's folder as it was given.
    pub root: &'a str,
}
