//! Deletion you can take back, in types: a live row is a `Post`, a deleted row is a [`Deleted<Post>`](Deleted).
//!
//! ```
//! use reprieve::{Database, Model};
//!
//! #[derive(Debug, Clone, Model)]
//! #[model(table = "users", soft_delete)]
//! struct User {
//!     #[model(primary_key)]
//!     id: i64,
//!     #[model(max_len = 100, unique)]
//!     name: String,
//! }
//!
//! #[derive(Debug, Clone, Model)]
//! #[model(table = "posts", soft_delete)]
//! struct Post {
//!     #[model(primary_key)]
//!     id: i64,
//!     #[model(max_len = 200)]
//!     title: String,
//!     #[model(default = false)]
//!     published: bool,
//!     #[model(references = User, on_delete = Cascade)]
//!     author_id: i64,
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let database = Database::builder("sqlite::memory:").model::<User>().model::<Post>().connect()?;
//! database.create_tables().await?;
//!
//! let mut session = database.session()?;
//! let ada = User::create().name("Ada").insert(&mut session).await?;
//! let post = Post::create().title("Notes").author_id(ada.id).insert(&mut session).await?;
//!
//! let gone = ada.soft_delete(&mut session).cascade().because("spam").by(7).await?;
//! assert_eq!(Post::all().count(&mut session).await?, 0);
//! assert_eq!(gone.deletion().reason.as_deref(), Some("spam"));
//!
//! let ada = gone.restore(&mut session).cascade().await?;
//! assert!(Post::get(&mut session, post.id).await?.is_some());
//! session.commit().await?;
//! # drop(ada);
//! # Ok::<(), reprieve::Error>(())
//! # }).unwrap();
//! ```
//!
//! A row that was soft-deleted cannot be used as a live one: [`Model::soft_delete`] consumes it, and what takes a live
//! row does not take a [`Deleted`] one. Queries see live rows; [`Model::only_deleted`] and
//! [`Model::with_deleted`] ask for others by name, and their rows have other types.
#![forbid(unsafe_code)]

pub mod actor;
mod atomic;
mod change;
mod column;
mod create;
mod database;
mod deletion;
mod filter;
mod get;
mod insert_many;
mod model;
mod order;
pub mod projection;
pub mod query;
mod read;
pub mod relation;
pub mod runtime;
mod session;
mod session_options;
mod sql;
mod transaction;
mod update;
mod upsert;
pub mod value;

pub use atomic::{Atomic, Retryable};
pub use change::Change;
pub use column::Column;
pub use create::NewRow;
pub use database::{Builder, Database};
pub use deletion::{
    Delete, Deleted, Deletion, Receipt, Record, Restoration, Restore, RestoringAll, SoftDelete, SoftDeleting,
    SoftDeletingAll, TableRows,
};
pub use filter::Filter;
pub use model::{Model, not_found};
pub use order::Order;
pub use projection::{Projection, Selected};
pub use query::Query;
pub use relation::{HasOne, Links, ManyToMany, Relation, ToMany, ToOne};
pub use reprieve_core::driver::Isolation;
pub use reprieve_core::error::{Error, Kind, Result};
pub use reprieve_derive::{Links, Model, Projection, Value};
pub use reprieve_engine::Outcome;
pub use session::Session;
pub use session_options::SessionOptions;
pub use sql::{FromRow, Operand, Sql};
pub use transaction::Transaction;
pub use value::{Date, Time, Timestamp, Value};

/// For the code that the derives write; no part of the interface.
#[doc(hidden)]
pub mod derived {
    pub use crate::create::{Dispensable, Given, Inserting, IsGiven, Missing, NewRow, Values};
    pub use crate::model::{SameAs, same_key};
    pub use crate::projection::Field;
    pub use crate::read::{bound, field};
    pub use crate::relation::{RefersTo, Through, child, children, linked, reference};
    pub use crate::update::update;
    pub use crate::value::{ComparesTo, GeneratedKey, Sets, Text};
    pub use reprieve_core::driver::Row;
    pub use reprieve_core::error::{Error, Kind, Result};
    pub use reprieve_core::schema::{Column, ColumnType, Fill, ForeignKey, OnDelete, OverDeleted, Table};
    pub use reprieve_core::value::{Cell, Timestamp, Value as Bound};
    pub use std::sync::{Arc, OnceLock};
}
