//! The facts that come with the tool, read once.

use std::sync::OnceLock;

use copy_preflight_policy::iam::Catalogue;
use copy_preflight_rules::facts::Facts;

/// The facts that come with the tool.
///
/// # Panics
/// Where the facts are not well formed.
#[must_use]
pub fn facts() -> &'static Facts {
    static FACTS: OnceLock<Facts> = OnceLock::new();
    FACTS.get_or_init(|| Facts::embedded().expect("facts are well formed"))
}

/// The service lists that the evaluator needs.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    facts().catalogue()
}
