//! The rules, by scope.

mod parts;
pub mod planned_copy;
