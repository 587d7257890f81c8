//! What a tag policy does where an operation sets a tag: which types it can be enforced for is data.

use copy_preflight_policy::management::tag::{self, Compliance};
use copy_preflight_policy::tree::Node;

use crate::facts::Facts;

/// Types for which a tag policy can be enforced.
const ENFORCEABLE: &str = "tag-policies-enforceable";

/// What an effective tag policy says of a tag on a resource type, and whether an operation that
/// sets the tag there is refused.
#[must_use]
pub fn judge<'a>(
    policy: &'a Node,
    (key, value): (&str, &str),
    resource_type: &str,
    facts: &Facts,
) -> (Compliance<'a>, bool) {
    let compliance = tag::compliance(policy, key, value);
    let breaks = matches!(compliance, Compliance::KeyCase { .. } | Compliance::Value { .. });
    let entry = tag::entry_of(policy, key);
    let enforced = entry.is_some_and(|entry| is_enforced(&entry.value, [resource_type], facts));
    (compliance, breaks && enforced)
}

/// Whether a part of a tag policy is enforced for one of these types, of those for which that can
/// be.
pub fn is_enforced<'t>(
    entry: &Node,
    types: impl IntoIterator<Item = &'t str>,
    facts: &Facts,
) -> bool {
    let can = |one: &&str| {
        facts.row(ENFORCEABLE).is_some_and(|row| row.strings("types").any(|known| known == *one))
    };
    tag::is_enforced(entry, types.into_iter().filter(can))
}
