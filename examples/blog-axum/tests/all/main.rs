//! The blog, as a program of its own, over sockets.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests are named as sentences, and a panic is a failure"
)]

mod api;
#[path = "../../../../crates/axum/tests/all/client.rs"]
#[allow(dead_code, reason = "the tests of reprieve-axum use more of it")]
mod client;
mod process;
mod server;
