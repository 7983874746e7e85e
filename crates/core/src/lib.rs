//! What there is to say about the life of a row, as plain data: the schema, the statements, the values,
//! the errors, the SQL compiler and the contract a database driver fulfils.
//!
//! This crate does no I/O and holds no `unsafe`. The engine builds statements, [`sql`] turns them into text,
//! a driver (see [`driver`]) runs the text. Liveness, the rule that a deleted row is invisible, is added in
//! [`sql`] to each table reference and nowhere else.
#![forbid(unsafe_code)]

pub mod driver;
pub mod error;
pub mod journal;
mod mask;
pub mod query;
pub mod schema;
pub mod sql;
mod types;
pub mod value;

pub use error::{Error, Result};
