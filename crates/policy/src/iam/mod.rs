//! The IAM policy language: documents, matching and three-valued decisions.
//!
//! The rules implemented here are those of IAM's user guide, KMS's developer guide and the
//! Organizations guide; each module names the pages it follows. A construct that those pages
//! leave open, or that the evaluator does not understand, is [`crate::Truth::Unknown`].

mod glance;
mod pattern;
mod variable;

pub mod context;
pub mod request;

pub mod document;
pub mod principal;

pub mod condition;

pub mod statement;

pub mod grant;

pub mod evaluate;
mod explain;
mod refine;

pub use condition::{Condition, Operator};
pub use context::{AbsentKeys, Context, ContextValue};
pub use document::{Effect, Policy, Statement, Term};
pub use evaluate::{
    Catalogue, Decision, DenyKind, Dependency, Document, Documents, Grants, Group, Levels, Open,
    Outcome, Place, Policies, StatementRef, decide,
};
pub use grant::Grant;
pub use request::{Action, Caller, CallerKind, Request};
