//! Why an account cannot be judged.

use std::fmt;

use copy_preflight_policy::source::{Sources, Span};

use crate::inputs::Address;

/// What keeps the policies of an account from being merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it is.
    pub kind: TroubleKind,
    /// The document that it is about.
    pub address: Address,
    /// What is wrong, without the place.
    pub message: String,
    /// Where, in a document that was read.
    pub place: Option<Span>,
    /// The place as a person reads it, with what stands behind it.
    prefix: String,
}

/// Kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// A document that may concern the account was not read.
    NotRead,
    /// The tree does not say where the account stands.
    NotPlaced,
    /// What is attached is no policy.
    NotAPolicy,
}

impl Trouble {
    pub(super) fn new(kind: TroubleKind, address: Address, message: impl Into<String>) -> Self {
        Self { kind, address, message: message.into(), place: None, prefix: String::new() }
    }

    pub(super) fn at(mut self, sources: &Sources, span: Span) -> Self {
        let outer = sources.outermost(span);
        if let Some(source) = sources.get(outer.source) {
            let position = source.position(outer.start);
            self.prefix = format!("{}:{}:{}: ", source.name, position.line, position.column);
            self.place = Some(span);
        }
        self
    }
}

/// With its place, where there is one.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.message)
    }
}
