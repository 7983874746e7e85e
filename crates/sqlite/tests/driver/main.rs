//! The driver against real SQLite files.
//!
//! Where a statement ran is told by the jobs and yields that the test's runtime counted; nothing sleeps to wait for
//! something, and nothing is measured.
#![allow(clippy::unwrap_used)]

mod cancel;
mod checkpoint;
mod errors;
mod fork;
mod locks;
mod memory;
mod open;
mod read;
mod support;
mod transaction;
mod write;
mod writer_queue;
