//! One session for each request: the layer owns it, extractors borrow it.

mod extract;
mod layer;
mod slot;

pub use extract::Session;
pub use layer::{SessionLayer, SessionService};
pub(crate) use slot::Slot;
