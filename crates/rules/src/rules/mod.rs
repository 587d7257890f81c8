//! The rules, by scope.

pub mod planned_copy;
