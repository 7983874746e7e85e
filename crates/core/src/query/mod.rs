//! Statements as plain data. The engine builds them, [`crate::sql`] turns them into text.
//!
//! A table reference is a [`Source`] with a number that is unique in its statement; a column is named by the
//! number of its source and its position, so that a sub-query can speak of the row around it.

pub(crate) mod cursor;
mod delete;
mod expr;
mod given;
mod insert;
mod keyset;
mod order;
mod predicate;
mod relation;
mod renumber;
mod select;
pub(crate) mod shape;
mod source;
mod statement;
mod update;

#[cfg(fuzzing)]
pub use cursor::forge_cursor;
pub use cursor::{order_columns, place_value, read_cursor, write_cursor};
pub use delete::Delete;
pub use expr::Expr;
pub use given::Given;
pub use insert::{Insert, Rows};
pub use order::Order;
pub use predicate::{Comparison, Predicate, TextMatch};
pub use relation::{RelationPath, Via};
pub use select::{Join, Lock, Select};
pub use source::{Source, Visibility};
pub use statement::{Reach, Statement};
pub use update::{Update, UpdateEach};
