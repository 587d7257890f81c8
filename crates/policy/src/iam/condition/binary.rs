//! `BinaryEquals`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Compared;
use crate::Truth;
use crate::text::Text;

/// The decoded bytes; text that is not base64 never matches.
pub(super) fn matches(policy: &Text, value: &Text) -> Compared {
    let (Some(policy), Some(value)) = (policy.known(), value.known()) else {
        return Compared::Is(Truth::Unknown);
    };
    match (STANDARD.decode(policy), STANDARD.decode(value)) {
        (Ok(policy), Ok(value)) => (policy == value).into(),
        _ => Compared::Unreadable,
    }
}
