//! Queries: built step by step, run by the verb at their end.

mod batches;
mod pages;
mod rows;
pub(crate) mod sink;
mod view;
mod write;

pub use batches::Batches;
pub use pages::{CursorPage, Page};
pub use rows::Query;
pub use view::{Live, OnlyDeleted, View, WithDeleted};
