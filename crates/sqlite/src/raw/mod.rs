//! SQLite's C API behind safe types: the only module with `unsafe` code.
//!
//! What holds everywhere: a connection is opened in multi-thread mode (no mutex of its own), so it and its
//! statements have one user at a time. [`Connection`] owns its statements, and a [`Cursor`] owns the exclusive
//! borrow of the connection while a statement runs, so that the borrow checker is the mutex.

mod bind;
mod cache;
mod cell;
mod connection;
mod control;
mod cursor;
mod failure;
mod functions;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod locks;
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
#[path = "locks_of_the_process.rs"]
mod locks;
mod search;
mod stop;

pub(crate) use bind::size;
pub(crate) use connection::{CheckpointMode, Connection, Slot};
pub(crate) use control::Control;
pub(crate) use cursor::Cursor;
pub(crate) use failure::Failure;
pub(crate) use locks::install as locks_are_safe;
pub(crate) use stop::Stop;
