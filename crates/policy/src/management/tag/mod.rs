//! What is special to tag policies: which of two policies wins, when a policy is valid, and which
//! tags comply with it.

mod compliance;
mod validate;

pub use compliance::{Compliance, compliance, entry_of, is_enforced};
pub use validate::{Limits, validate};

/// Whether of two `@@assign` of one setting on one level the first attached wins.
///
/// Single values: "the first one that was attached" (`inheritance-examples.html`, example 6). Of
/// lists AWS says nothing.
pub(super) fn first_attached_wins(is_list: bool) -> bool {
    !is_list
}
