//! A first config, from what a repository holds.

mod findings;
mod summary;
mod text;

pub(crate) use findings::Findings;
pub(crate) use summary::summary;
pub(crate) use text::config;
