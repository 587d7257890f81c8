//! The rules, by scope.

pub mod account;
pub mod change;
pub mod document;
pub mod planned_copy;

use crate::rule::Rule;

/// The rules of all scopes.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let copies = planned_copy::RULES.iter().map(|one| &one.rule);
    let accounts = account::RULES.iter().map(|one| &one.rule);
    let documents = document::RULES.iter().map(|one| &one.rule);
    let changes = change::RULES.iter().map(|one| &one.rule);
    copies.chain(accounts).chain(documents).chain(changes)
}

/// The rule of an id or of an alias.
#[must_use]
pub fn named(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.is_named(id))
}
