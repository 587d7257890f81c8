//! The rules, by scope.

pub mod change;
pub mod document;
mod parts;
pub mod planned_copy;

use crate::rule::Rule;

/// The rules of all scopes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let copies = planned_copy::RULES.iter().map(|one| &one.rule);
    let documents = document::RULES.iter().map(|one| &one.rule);
    copies.chain(documents).chain(change::RULES.iter().map(|one| &one.rule))
}

/// The rule of an id or of an alias.
#[must_use]
pub fn named(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.is_named(id))
}
