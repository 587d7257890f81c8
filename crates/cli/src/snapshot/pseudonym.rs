//! Replacements for ids: one for each id of a run, of the same form.
//!
//! A replacement keeps common beginnings common, letter by letter. So a pattern such as
//! `arn:aws:iam::1111*` or `ou-ab12-*` matches after the replacement what it matched before.
//! The key is made anew for each run and is never written, so nothing leads back.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// The replacements of one run.
#[derive(Debug, Clone, Default)]
pub struct Pseudonyms {
    key: RandomState,
}

const DIGITS: &[u8] = b"0123456789";
const FIRST_DIGITS: &[u8] = b"123456789";
const LOWER: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MIXED: &[u8] = b"0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Twelve digits.
    Account,
    /// What stands behind `o-`.
    Organization,
    /// What stands behind `r-`, and first behind `ou-`.
    Root,
    /// What stands last in the id of an OU.
    Unit,
    /// What stands behind `p-`.
    Policy,
    /// What stands behind `AROA` and its like, which carries the account.
    Principal,
}

impl Pseudonyms {
    /// Replacements that no other run makes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The replacement of an id or of its beginning.
    #[must_use]
    pub fn replace(&self, kind: Kind, id: &str) -> String {
        let mut replaced = String::with_capacity(id.len());
        for (at, character) in id.char_indices() {
            // An id that is also a number stays one: it neither gains nor loses a leading zero.
            let letters = match kind {
                Kind::Account if at == 0 => FIRST_DIGITS,
                Kind::Account => DIGITS,
                Kind::Principal => UPPER,
                Kind::Policy => MIXED,
                Kind::Organization | Kind::Root | Kind::Unit => LOWER,
            };
            let place = letters.iter().position(|&letter| char::from(letter) == character);
            let before = id.get(..at).unwrap_or_default();
            let shifted = place.and_then(|place| {
                // Never by nothing, so that no letter stays what it is.
                let shift = self.key.hash_one((kind, before)) % (letters.len() as u64 - 1) + 1;
                letters.get((place + shift as usize) % letters.len()).copied()
            });
            replaced.push(shifted.map_or(character, char::from));
        }
        replaced
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn forms_and_beginnings_stay() {
        let pseudonyms = Pseudonyms::new();
        let account = pseudonyms.replace(Kind::Account, "111122223333");
        assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(!account.starts_with('0'));
        assert!(pseudonyms.replace(Kind::Account, "011122223333").starts_with('0'));
        assert!(account.starts_with(&pseudonyms.replace(Kind::Account, "1111")));
        let unit = pseudonyms.replace(Kind::Unit, "a1b2c3d4");
        assert!(unit.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()));
        assert_ne!(account, Pseudonyms::new().replace(Kind::Account, "111122223333"));
    }

    #[test]
    fn two_ids_never_become_one() {
        let pseudonyms = Pseudonyms::new();
        let ids = (0..2000).map(|number| format!("{number:012}"));
        let replaced: BTreeSet<String> =
            ids.map(|id| pseudonyms.replace(Kind::Account, &id)).collect();
        assert_eq!(replaced.len(), 2000);
    }
}
