//! What the test files share.

pub mod asking;
pub mod cases;
pub mod documents;
pub mod effective;
pub mod facts;
pub mod folders;
pub mod forms;
pub mod journeys;
pub mod lines;
pub mod nodes;
pub mod organization;
pub mod places;
pub mod running;
pub mod schemas;
pub mod server;
pub mod templates;
pub mod vectors;
pub mod worlds;
