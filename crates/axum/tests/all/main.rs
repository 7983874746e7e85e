//! The axum face, over sockets, on real SQLite databases. One binary, so that it is linked once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests are named as sentences, and a panic is a failure"
)]

mod client;
mod commit;
mod errors;
mod extract;

mod json;
mod key;
mod rollback;
mod session_options;
mod support;
mod trash;
