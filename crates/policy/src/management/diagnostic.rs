//! What the merge tells of the documents: what it ignored, and what cannot be right.

use super::{Operator, Value};
use crate::source::Span;

/// A note on one place of one policy.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What it is.
    pub code: Code,
    /// The setting or key, lower-case, with `/` between the keys; empty for the whole document.
    pub path: String,
    /// The root, OU or account to which the policy is attached.
    pub target: String,
    /// The policy.
    pub policy: String,
    /// The operator that is spoken of.
    pub operator: Option<Operator>,
    /// The value that stays, in a conflict.
    pub kept: Option<Value>,
    /// The value that does not.
    pub ignored: Option<Value>,
    /// Where it stands.
    pub span: Span,
    /// The place that explains it: a lock, the value that was first.
    pub related: Option<Related>,
}

/// A second place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The level of the policy.
    pub target: String,
    /// The policy.
    pub policy: String,
    /// Where it stands.
    pub span: Span,
}

/// What a diagnostic says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A lock above does not permit the operator here. AWS ignores it in silence
    /// (`inheritance-examples.html`, example 4).
    BlockedByParent,
    /// A lock above does not permit new keys here.
    BlockedNewKey,
    /// Two policies of one level assign different values.
    SameLevelConflict,
    /// A setting, which has an operator, also has keys below it.
    LeafHasChildKeys,
    /// A key that begins with `@@` and is no operator that AWS documents.
    UnknownOperator,
    /// The value of the control operator is not what AWS documents.
    UnknownControl,
    /// The value of an operator is no value of a setting.
    WrongType,
    /// An operator for lists on a setting that holds one value.
    NeedsList,
    /// One value where AWS documents a list.
    ScalarForList,
    /// A value stands without an operator, as in an effective policy.
    OperatorMissing,
    /// A key or a part of the document is not known.
    NotKnown,
    /// The same key twice in one policy, in different case.
    KeyTwice,
    /// More characters than a policy may have.
    DocumentTooLong,
    /// More policies of one type than a root, OU or account may have.
    TooManyAttached,
}

impl Code {
    /// The code in output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BlockedByParent => "BLOCKED_BY_PARENT",
            Self::BlockedNewKey => "BLOCKED_NEW_KEY",
            Self::SameLevelConflict => "SAME_LEVEL_CONFLICT",
            Self::LeafHasChildKeys => "LEAF_HAS_CHILD_KEYS",
            Self::UnknownOperator => "UNKNOWN_OPERATOR",
            Self::UnknownControl => "UNKNOWN_CONTROL",
            Self::WrongType => "WRONG_TYPE",
            Self::NeedsList => "OPERATOR_NEEDS_LIST",
            Self::ScalarForList => "SCALAR_FOR_LIST",
            Self::OperatorMissing => "OPERATOR_MISSING",
            Self::NotKnown => "NOT_KNOWN",
            Self::KeyTwice => "KEY_TWICE",
            Self::DocumentTooLong => "DOCUMENT_TOO_LONG",
            Self::TooManyAttached => "TOO_MANY_POLICIES_ATTACHED",
        }
    }

    /// Whether a lock stopped what is spoken of.
    #[must_use]
    pub const fn is_blocked(self) -> bool {
        matches!(self, Self::BlockedByParent | Self::BlockedNewKey)
    }

    /// Whether AWS is known to refuse what is written or attached so, so that it cannot be in
    /// force.
    #[must_use]
    pub const fn is_refused(self) -> bool {
        matches!(self, Self::DocumentTooLong | Self::TooManyAttached)
    }
}
