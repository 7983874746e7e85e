//! The driver against a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crowd;
mod errors;
mod rows;
mod support;
mod transactions;
