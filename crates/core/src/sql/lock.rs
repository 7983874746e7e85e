//! Locks on a number, which a transaction holds until it ends: for what no row stands for yet.
//!
//! Where one transaction writes at a time there is none, and none is needed.
//!
//! Source: <https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS>.

use super::{Compiled, Dialect};
use crate::query::Reach;
use std::sync::LazyLock;

/// Those who make tables of one database take turns by this number: the text `reprieve` as eight bytes.
const SCHEMA: i64 = i64::from_be_bytes(*b"reprieve");

/// The statement by which those who make tables at the same time take turns; it is run in the transaction that makes
/// them, before all others. `IF NOT EXISTS` alone is no protection: two that find no table both try to make it.
pub fn lock_schema(dialect: Dialect) -> Option<String> {
    match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres => Some(format!("SELECT pg_advisory_xact_lock({SCHEMA}) IS NULL")),
    }
}

/// The statement that takes the lock on the number it is given, and waits for whoever holds it. It has one row, of no
/// interest.
pub fn lock_number(dialect: Dialect) -> Option<&'static Compiled> {
    // The function has no value: NULL or not is one that every driver can read.
    static POSTGRES: LazyLock<Compiled> =
        LazyLock::new(|| Compiled::new("SELECT pg_advisory_xact_lock($1) IS NULL", Reach::Row));
    match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres => Some(&POSTGRES),
    }
}
