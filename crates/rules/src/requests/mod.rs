//! The requests of a copy: who asks what of which key or vault, in which context.
//!
//! What is known of the context comes from the documents and from the facts on the steps of a
//! copy; what neither tells stays unknown.

mod asked;
mod context;
mod key;
mod route;
mod vault;
mod who;

pub(crate) use asked::{Asked, Form, ask, unread_of_caller, unread_of_vault};
pub(crate) use context::{ContextQuestion, add_tags, base_context};
pub(crate) use key::{KeyPart, key_request, published_operations, service_key_request};
pub(crate) use route::{Route, routes};
pub(crate) use vault::{arn_of_form, copy_from_request, is_air_gapped, vault_request};
pub(crate) use who::Who;
