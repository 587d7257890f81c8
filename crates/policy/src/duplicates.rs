//! Members of one object that have the same key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use smol_str::SmolStr;

use crate::iam::context::folded;
use crate::source::Span;
use crate::tree::Member;

/// Up to here comparing with every earlier key is cheaper than a table of them.
const FEW: usize = 16;

/// Calls `found` with the key, its place and the place where it first stood, for every member
/// whose key an earlier member has. A key that is known only in part is never the same.
pub(crate) fn report(members: &[Member], mut found: impl FnMut(&str, Span, Span)) {
    match members.len() {
        0 | 1 => {}
        2..=FEW => few(members, &mut found),
        _ => many(members, &mut found),
    }
}

/// As [`report`], but keys that differ only in case are the same. Gives the members.
pub(crate) fn report_folded<'a>(
    members: &'a [Member],
    mut found: impl FnMut(&str, &'a Member, &'a Member),
) {
    let known = members.iter().filter_map(|member| Some((member.key.known()?, member)));
    if members.len() <= FEW {
        for (index, (key, later)) in known.clone().enumerate() {
            let mut earlier = known.clone().take(index);
            if let Some((_, first)) = earlier.find(|(first, _)| first.eq_ignore_ascii_case(key)) {
                found(key, later, first);
            }
        }
        return;
    }
    let mut seen: HashMap<SmolStr, &Member> = HashMap::with_capacity(members.len());
    for (key, later) in known {
        match seen.entry(folded(key)) {
            Entry::Vacant(entry) => {
                entry.insert(later);
            }
            Entry::Occupied(first) => found(key, later, first.get()),
        }
    }
}

fn few(members: &[Member], found: &mut impl FnMut(&str, Span, Span)) {
    let mut seen = 0_u64;
    for (index, member) in members.iter().enumerate() {
        let Some(key) = member.key.known() else { continue };
        // Keys of one object mostly differ in length or in their last letters, so that most are
        // told apart by one bit and without looking at the others.
        let bit = 1 << (fingerprint(key) % 64);
        if seen & bit == 0 {
            seen |= bit;
            continue;
        }
        let first = members.iter().take(index).find(|first| first.key.known() == Some(key));
        if let Some(first) = first {
            found(key, member.key_span, first.key_span);
        }
    }
}

fn many(members: &[Member], found: &mut impl FnMut(&str, Span, Span)) {
    // The hasher is the one of the standard library: a file must not choose its collisions.
    let mut seen = HashMap::with_capacity(members.len());
    for member in members {
        let Some(key) = member.key.known() else { continue };
        match seen.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(member.key_span);
            }
            Entry::Occupied(entry) => found(key, member.key_span, *entry.get()),
        }
    }
}

fn fingerprint(key: &str) -> usize {
    let byte = |at: Option<&u8>| at.map_or(0, |&byte| usize::from(byte));
    let bytes = key.as_bytes();
    key.len() * 7 + byte(bytes.first()) * 5 + byte(bytes.last()) * 3
}
