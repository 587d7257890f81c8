//! Renderings of what is said of accounts and their organization.

mod causes;
pub mod concise;
pub mod human;
pub mod json;
