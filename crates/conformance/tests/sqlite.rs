//! The suite on SQLite: on a file, and in memory.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

reprieve_conformance::conformance!(file, crate::support::file);
reprieve_conformance::conformance!(memory, crate::support::memory);
