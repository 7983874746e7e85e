//! Routes for deleted rows: delete, restore, list, purge.

mod action;
mod authorize;
mod handlers;
mod page;
mod refusal;
mod routes;

pub use action::Action;
pub use authorize::Authorize;
pub use refusal::Refusal;
pub use routes::{TrashRoutes, trash_routes};
