//! The SQLite driver of Reprieve.
//!
//! A statement runs **on the thread that asks**: a round trip to another thread costs twenty times what a read by
//! key does. So that the caller's thread (an event loop) is never held, a read has a budget; past it the same
//! statement goes to a blocking thread. A write of a set of rows goes there at once, and so does whatever finds the
//! database locked by another process. Writers of one process queue fairly; readers never wait for them (WAL).
//!
//! The crate's parts: [`SqliteOptions`] is where the database is, [`SqliteDriver`] hands out connections. All
//! `unsafe` code is in the private module `raw`.
#![deny(unsafe_op_in_unsafe_fn)]

mod batch;
mod checkpoint;
mod connection;
mod driver;
mod error;
mod log_watch;
mod memory;
mod offload;
mod open;
mod options;
#[allow(unsafe_code)]
mod raw;
mod read;
mod shared;
mod transaction;
mod write;
mod writer_queue;

pub use driver::SqliteDriver;
pub use options::{SqliteOptions, Synchronous};
