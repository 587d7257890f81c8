//! What holds for every world, not only for the cases that somebody thought of.
//!
//! A few hundred worlds each; `PROPTEST_CASES` raises it.

mod dice;
mod generate;

mod blank;
mod same;

mod worlds;

mod patterns;
mod refinement;
