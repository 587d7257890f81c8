//! Accounts and their organization under every rule: why a policy gives an account no jobs.

mod engine;
mod findings;
mod plans;
mod report;
mod view;

pub(crate) use engine::label_of;
pub use engine::survey;
pub(crate) use findings::{Findings, unsure};
pub(crate) use plans::{Choice, Plan, PlanRule, Selection, SelectionKind, choices, sole};
pub use report::{AccountReport, Report, Subject};
pub use view::{AccountView, OrganizationView, PolicyView};
pub(crate) use view::{Merged, label_near};
