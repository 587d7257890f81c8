//! The operators, and sets of them.

use std::fmt;

use crate::tree::{Node, Value};

/// The key of the control operator, which says what policies on lower levels may do here.
pub const CONTROL: &str = "@@operators_allowed_for_child_policies";

/// An operator that sets a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `@@assign`: takes the place of what is inherited.
    Assign,
    /// `@@append`: adds to an inherited list.
    Append,
    /// `@@remove`: takes from an inherited list.
    Remove,
}

impl Operator {
    /// All of them, in the order in which those of one policy act on one setting.
    pub const ALL: [Self; 3] = [Self::Assign, Self::Append, Self::Remove];

    /// The operator of this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.key() == key)
    }

    /// The key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Assign => "@@assign",
            Self::Append => "@@append",
            Self::Remove => "@@remove",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// A set of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operators(u8);

impl Operators {
    /// None of them: `@@none`.
    pub const NONE: Self = Self(0);
    /// Each of them: `@@all`, which holds where no policy says anything.
    pub const ALL: Self = Self(0b111);

    /// Whether the operator is one of them.
    #[must_use]
    pub const fn has(self, operator: Operator) -> bool {
        self.0 & (1 << operator as u8) != 0
    }

    /// Those of both sets. Locks narrow, never widen (`policy-operators.html`).
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, operator: Operator) -> Self {
        Self(self.0 | 1 << operator as u8)
    }

    /// Whether a key may be added below: with `@@append` ("enables child policies to add other
    /// plans", backup policy syntax page) or with `@@assign`.
    #[must_use]
    pub const fn adds(self) -> bool {
        self.has(Operator::Append) || self.has(Operator::Assign)
    }
}

/// What the value of a control operator permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Control {
    /// What it permits for certain.
    pub(super) surely: Operators,
    /// What it may permit; more than `surely` where the value is not understood.
    pub(super) maybe: Operators,
}

impl Control {
    /// Everything: what holds without a control operator.
    pub(super) const ALL: Self = Self { surely: Operators::ALL, maybe: Operators::ALL };
    /// A value of which nothing is known.
    pub(super) const OPEN: Self = Self { surely: Operators::NONE, maybe: Operators::ALL };

    /// Reads the value: one word or a list of them.
    pub(super) fn read(node: &Node) -> Self {
        let words: Vec<Option<&str>> = match &node.value {
            Value::Array(elements) => elements.iter().map(Node::as_str).collect(),
            _ => vec![node.as_str()],
        };
        let mut found = Operators::NONE;
        let (mut all, mut none, mut open) = (false, false, words.is_empty());
        for word in words {
            match word {
                Some("@@all") => all = true,
                Some("@@none") => none = true,
                Some(word) => match Operator::parse(word) {
                    Some(operator) => found = found.with(operator),
                    None => open = true,
                },
                None => open = true,
            }
        }
        match (all, none, open) {
            (true, false, false) => Self { surely: Operators::ALL, maybe: Operators::ALL },
            (false, true, false) if found == Operators::NONE => {
                Self { surely: Operators::NONE, maybe: Operators::NONE }
            }
            (false, false, false) => Self { surely: found, maybe: found },
            // `@@all` or `@@none` together with anything that contradicts it, and words that AWS
            // does not document.
            (_, true, _) => Self::OPEN,
            (_, false, true) => Self { surely: found, maybe: Operators::ALL },
        }
    }

    /// Whether the value is understood.
    pub(super) fn is_understood(self) -> bool {
        self.surely == self.maybe
    }
}
