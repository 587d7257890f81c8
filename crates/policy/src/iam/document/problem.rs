//! What the grammar of policies does not allow.

use std::fmt;

use smol_str::SmolStr;

use crate::source::Span;

/// Something in a policy that the grammar does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub kind: ProblemKind,
    /// Where it stands.
    pub span: Span,
    /// The other place it is about: the first of two members.
    pub related: Option<Span>,
}

/// Kinds of problems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// The document cannot be read to its end.
    Damaged,
    /// The document is not an object; the text names what it is.
    NotAnObject(&'static str),
    /// A member stands twice in one object.
    DuplicateMember(SmolStr),
    /// Two condition keys of one operator differ only in case.
    DuplicateConditionKey(SmolStr),
    /// A member that the grammar does not know.
    UnknownElement(SmolStr),
    /// An element that this one needs is missing.
    MissingElement(&'static str),
    /// Both an element and its negation.
    BothElements(&'static str, &'static str),
    /// A value of a type that cannot stand here: element, and what was found.
    WrongType(&'static str, &'static str),
    /// An effect that is neither `Allow` nor `Deny`.
    InvalidEffect(SmolStr),
    /// A version that does not exist.
    InvalidVersion(SmolStr),
    /// An action that is neither `*` nor `service:Name`.
    InvalidAction(SmolStr),
    /// A wildcard in the service prefix of an action.
    WildcardInService(SmolStr),
    /// A condition operator that does not exist.
    UnknownOperator(SmolStr),
    /// A key of the principal map that does not exist.
    UnknownPrincipalKind(SmolStr),
    /// A principal outside the map: only `*` can stand there.
    BarePrincipal(SmolStr),
    /// `NotPrincipal` in a statement that allows.
    AllowWithNotPrincipal,
    /// A variable before the fifth colon of a resource.
    VariableInArnPrefix,
    /// A variable that is never closed, is empty, or holds a space.
    MalformedVariable,
}

impl ProblemKind {
    /// Whether the meaning is plain although the grammar forbids it, so that the statement can
    /// still match with certainty.
    #[must_use]
    pub(crate) fn leaves_meaning(&self) -> bool {
        // A bare principal reads as AWS principal. An unknown operator never matches. A wrong
        // variable or prefix is judged where it is matched.
        matches!(
            self,
            Self::BarePrincipal(_)
                | Self::UnknownOperator(_)
                | Self::InvalidAction(_)
                | Self::WildcardInService(_)
                | Self::VariableInArnPrefix
                | Self::MalformedVariable
        )
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("the document cannot be read to its end"),
            Self::NotAnObject(kind) => write!(f, "a policy is an object, this is {kind}"),
            Self::DuplicateMember(key) => {
                write!(f, "`{key}` stands twice, and AWS does not say which one counts")
            }
            Self::DuplicateConditionKey(key) => {
                write!(f, "condition key `{key}` stands twice, in different case")
            }
            Self::UnknownElement(key) => write!(f, "policies have no element `{key}`"),
            Self::MissingElement(element) => write!(f, "the statement has no {element}"),
            Self::BothElements(element, negation) => {
                write!(f, "the statement has both `{element}` and `{negation}`")
            }
            Self::WrongType(element, found) => write!(f, "`{element}` cannot be {found}"),
            Self::InvalidEffect(found) => {
                write!(f, "the effect is `Allow` or `Deny` in this spelling, not `{found}`")
            }
            Self::InvalidVersion(found) => write!(f, "there is no policy version `{found}`"),
            Self::InvalidAction(found) => {
                write!(f, "`{found}` is no action: an action is `service:Name` or `*`")
            }
            Self::WildcardInService(found) => {
                write!(f, "the service of action `{found}` cannot have a wildcard")
            }
            Self::UnknownOperator(found) => write!(f, "there is no condition operator `{found}`"),
            Self::UnknownPrincipalKind(found) => {
                write!(f, "there is no kind of principal `{found}`")
            }
            Self::BarePrincipal(found) => {
                write!(f, "principal `{found}` stands outside a map such as {{\"AWS\": …}}")
            }
            Self::AllowWithNotPrincipal => f.write_str("`NotPrincipal` works with `Deny` only"),
            Self::VariableInArnPrefix => {
                f.write_str("a variable cannot stand before the fifth colon of an ARN")
            }
            Self::MalformedVariable => f.write_str("this variable is not well formed"),
        }
    }
}
