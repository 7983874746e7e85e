//! Queries: built step by step, run by the verb at their end.

mod rows;
pub(crate) mod sink;
mod view;
mod write;

pub use rows::Query;
pub use view::{Live, OnlyDeleted, View, WithDeleted};
