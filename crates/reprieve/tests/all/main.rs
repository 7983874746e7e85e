//! The Rust face, on real SQLite databases. One binary, so that it is linked once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests are named as sentences, and a panic is a failure"
)]

mod actor;
mod atomic;
mod bulk;
mod compile_fail;
mod deletion;
pub mod derive;
mod pages;
mod projection;
mod query;
mod relation;
mod sql;
mod support;
mod transaction;
mod types;
mod upsert;
