//! JSON into the located tree.
