//! What the policies decide, and what the decision rests on.

use std::fmt;

use smol_str::SmolStr;

use crate::source::Span;

/// What the policies decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Allowed.
    Allow,
    /// Denied.
    Deny(DenyKind),
    /// It depends on what is not known.
    Depends,
}

/// Why a request is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenyKind {
    /// A Deny matches.
    Explicit,
    /// A policy that must allow does not.
    Implicit,
    /// The service refuses it whatever the policies say.
    ServiceRule,
}

/// A decision with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is decided.
    pub outcome: Outcome,
    /// The statements and grants that decide it: for a Deny those that deny, for an Allow those
    /// that allow.
    pub deciding: Vec<StatementRef>,
    /// For [`Outcome::Depends`]: what it hangs on.
    pub depends_on: Vec<Dependency>,
    /// For an implicit Deny: the groups of policies none of which allows.
    pub lacking: Vec<Group>,
}

/// A statement, or a grant, by the policy it stands in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatementRef {
    /// The policy.
    pub place: Place,
    /// The index of the statement in its policy; 0 for a grant.
    pub statement: usize,
    /// Its Sid, where it has one.
    pub sid: Option<SmolStr>,
    /// Where it stands.
    pub span: Span,
}

/// A policy among [`Policies`]; indices count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The resource's policy.
    Resource,
    /// The identity policy with this index.
    Identity(usize),
    /// The boundary with this index.
    Boundary(usize),
    /// The session policy with this index.
    Session(usize),
    /// Level and index of a service control policy.
    Scp(usize, usize),
    /// Level and index of a resource control policy.
    Rcp(usize, usize),
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The grant with this index.
    Grant(usize),
}

/// Policies of which one must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The resource's policy.
    Resource,
    /// The identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
    /// A level of service control policies.
    Scp(usize),
    /// A level of resource control policies.
    Rcp(usize),
    /// The service control policies of all levels.
    EveryScp,
    /// The resource control policies of all levels.
    EveryRcp,
    /// The policy of the VPC endpoint.
    Endpoint,
    /// The grants on the key.
    Grants,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(index) => write!(f, "identity[{index}]"),
            Self::Boundary(index) => write!(f, "boundary[{index}]"),
            Self::Session(index) => write!(f, "session[{index}]"),
            Self::Scp(level, index) => write!(f, "scp[{level}][{index}]"),
            Self::Rcp(level, index) => write!(f, "rcp[{level}][{index}]"),
            Self::Grant(index) => write!(f, "grants[{index}]"),
            Self::Resource | Self::Endpoint => self.group().fmt(f),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource => f.write_str("resource"),
            Self::Identity => f.write_str("identity"),
            Self::Boundary => f.write_str("boundary"),
            Self::Session => f.write_str("session"),
            Self::Scp(level) => write!(f, "scp[{level}]"),
            Self::Rcp(level) => write!(f, "rcp[{level}]"),
            Self::EveryScp => f.write_str("scp"),
            Self::EveryRcp => f.write_str("rcp"),
            Self::Endpoint => f.write_str("vpce"),
            Self::Grants => f.write_str("grants"),
        }
    }
}

impl Place {
    /// The group that the policy belongs to.
    #[must_use]
    pub fn group(self) -> Group {
        match self {
            Self::Resource => Group::Resource,
            Self::Identity(_) => Group::Identity,
            Self::Boundary(_) => Group::Boundary,
            Self::Session(_) => Group::Session,
            Self::Scp(level, _) => Group::Scp(level),
            Self::Rcp(level, _) => Group::Rcp(level),
            Self::Endpoint => Group::Endpoint,
            Self::Grant(_) => Group::Grants,
        }
    }
}

/// What a decision hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The thing that is not known.
    pub on: Open,
    /// The statements that make it matter; empty where a whole policy is not known.
    pub statements: Vec<StatementRef>,
}

/// Something that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Open {
    /// The value or presence of a condition key, as the policy writes it.
    Key(SmolStr),
    /// What a policy says, which was not read or not understood.
    Policy(Place),
    /// Which policies there are and what they say.
    Policies(Group),
    /// How AWS reads something that stands in a policy; the text says what.
    Reading(Place, SmolStr),
    /// Which account owns the resource, or which the caller belongs to.
    Account,
    /// What kind of resource the ARN names.
    Resource,
}

impl Outcome {
    /// The outcome of two readings: a deny for whatever reason is a deny.
    pub(crate) fn agree(self, other: Self) -> Self {
        match (self, other) {
            (Self::Allow, Self::Allow) => Self::Allow,
            // That it is explicit only where both say so.
            (Self::Deny(one), Self::Deny(other)) => {
                Self::Deny(if one == other { one } else { DenyKind::Implicit })
            }
            _ => Self::Depends,
        }
    }
}
