//! Policies as data: located trees, the IAM policy language and three-valued decisions.
//!
//! Pure: no files, no network, no clock, no environment, no panics. A text goes in with its
//! source id, a document and its problems come out; a decision is a function of documents and
//! a request. What is not known is [`Truth::Unknown`], never a guess.

mod truth;

pub mod source;
pub mod text;
pub mod tree;

mod duplicates;
pub mod few;

pub mod json;

pub mod iam;

pub mod management;

pub use truth::Truth;
