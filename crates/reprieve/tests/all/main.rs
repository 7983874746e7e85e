//! The Rust face, on real SQLite databases. One binary, so that it is linked once.
#![allow(missing_docs, reason = "tests are named as sentences")]

mod actor;
mod deletion;
mod query;
mod sql;
mod support;
mod transaction;
