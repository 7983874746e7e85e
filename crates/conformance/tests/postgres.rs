//! The suite on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "tests")]

reprieve_conformance::conformance!(postgres, reprieve_conformance::postgres::fresh);
