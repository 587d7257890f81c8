//! Facts, rules and outcomes.
