//! The driver against a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cancel;
mod crowd;
mod errors;
mod lost;
mod proxy;
mod rows;
mod support;
mod transactions;
