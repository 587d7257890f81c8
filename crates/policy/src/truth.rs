//! Three-valued logic.
//!
//! Kleene's tables: a false member decides an AND, a true member decides an OR,
//! and what is left open stays open.
//!
//! | a       | b       | a AND b | a OR b  |
//! |---------|---------|---------|---------|
//! | false   | any     | false   | b       |
//! | true    | any     | b       | true    |
//! | unknown | unknown | unknown | unknown |

use std::ops::{BitAnd, BitOr, Not};

/// A truth value that may be unknown.
///
/// Ordered false < unknown < true, so that AND is the minimum and OR the maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// Certainly not so.
    False,
    /// Cannot be told from what is known.
    Unknown,
    /// Certainly so.
    True,
}

impl Truth {
    /// The value that both readings of an ambiguous text agree on, unknown where they differ.
    #[must_use]
    pub fn agree(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }

    /// The same value, but no longer certain where it was true: for a match that rests on
    /// something the evaluator does not understand. A certain miss stays a miss.
    #[must_use]
    pub fn at_most_unknown(self) -> Self {
        self.min(Self::Unknown)
    }

    /// OR over the members; false when there are none.
    pub fn any(members: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::False;
        for member in members {
            result = result | member;
            if result == Self::True {
                break;
            }
        }
        result
    }

    /// AND over the members; true when there are none.
    pub fn all(members: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::True;
        for member in members {
            result = result & member;
            if result == Self::False {
                break;
            }
        }
        result
    }

    /// Whether this is [`Truth::True`].
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// Whether this is [`Truth::False`].
    #[must_use]
    pub fn is_false(self) -> bool {
        self == Self::False
    }

    /// Whether this is [`Truth::Unknown`].
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::Unknown
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl BitAnd for Truth {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.min(other)
    }
}

impl BitOr for Truth {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.max(other)
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{False, True, Unknown};
    use super::*;

    #[test]
    fn tables() {
        assert_eq!(False & Unknown, False);
        assert_eq!(True & Unknown, Unknown);
        assert_eq!(True | Unknown, True);
        assert_eq!(False | Unknown, Unknown);
        assert_eq!(!Unknown, Unknown);
        assert_eq!(Truth::all([]), True);
        assert_eq!(Truth::any([]), False);
        assert_eq!(Truth::all([Unknown, True, False]), False);
        assert_eq!(Truth::any([Unknown, False, True]), True);
        assert_eq!(True.agree(False), Unknown);
        assert_eq!(True.at_most_unknown(), Unknown);
        assert_eq!(False.at_most_unknown(), False);
    }
}
