//! The schema: what the tables are, how rows of one refer to rows of another, and how long a row lives.
//!
//! It has one producer. Python classes and Rust derives *declare into* a [`Schema`]; nobody derives it again.
//! A [`Table`] is checked once, when it is built; what concerns several tables is checked by [`Schema::graph`].

mod audit_log;
mod check;
mod column;
mod foreign_key;
mod graph;
mod index;
mod limits;
mod marker;
mod over_deleted;
mod registry;
mod table;

pub use audit_log::AuditLog;
pub use column::{Column, Fill, Rules};
pub use foreign_key::{ForeignKey, OnDelete};
pub use graph::{Edge, Graph};
pub use index::{Index, Scope};
pub use marker::{Condition, DELETED_AT, DELETION_ID, Marker};
pub use over_deleted::OverDeleted;
pub use registry::Schema;
pub use table::{Table, TableBuilder};

pub use crate::types::{ColumnType, MAX_JSON_DEPTH};
