//! What AWS Backup can copy, what stands in the way, and how it is told.
//!
//! Pure: two calls. [`plan::plan`] turns what the user names into planned copies, and
//! [`check::check`] judges them by every rule; both say which documents they want and have not.

pub mod arn;
pub mod copy;
pub mod facts;

pub mod inputs;
pub mod inventory;
pub mod seen;
pub mod view;

mod calls;
mod explain;
mod identity;
pub mod nearest;
mod organization;
mod reader;
mod reasons;
mod remembered;
mod requests;
mod says;
mod schedule;
mod tags;

pub mod outcome;
mod parts;
pub mod refusal;
pub mod rule;
pub mod rules;

pub mod plan;

pub mod check;
pub mod run;

pub mod effective;
pub mod matrix;
pub mod survey;
pub mod tag_policy;

pub mod lint;

pub mod intent;

pub mod message;

pub mod explanation;
pub mod incident;
