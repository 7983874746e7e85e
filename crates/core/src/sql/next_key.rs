//! Keys that the database makes, after rows with keys of their own were written.
//!
//! A sequence does not know of keys that programs gave. PostgreSQL hands such a key out again, and refuses the row.
//!
//! Source: <https://www.postgresql.org/docs/current/functions-sequence.html>.

use super::identifier::{literal, quote};
use super::{Compiled, Dialect};
use crate::query::Reach;
use crate::schema::Table;

/// Whether the database may make a key for a row of the table that another row has already.
pub fn repeats_keys(table: &Table, dialect: Dialect) -> bool {
    match dialect {
        // AUTOINCREMENT looks at the largest key.
        Dialect::Sqlite => false,
        Dialect::Postgres => table.generates_key(),
    }
}

/// The statement after which the database makes keys that no row of the table has; none where it never makes others.
pub fn advance_key(table: &Table, dialect: Dialect) -> Option<Compiled> {
    if !repeats_keys(table, dialect) {
        return None;
    }
    match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres => {
            let (mut name, mut key, mut relation, mut column) = Default::default();
            quote(&mut name, &table.name);
            quote(&mut key, &table.key().name);
            literal(&mut relation, &name);
            literal(&mut column, &table.key().name);
            let sequence = format!("pg_get_serial_sequence({relation}, {column})");
            let last = format!("GREATEST(nextval({sequence}), (SELECT max({key}) FROM {name}))");
            Some(Compiled::once(format!("SELECT setval({sequence}, {last})"), Reach::Row))
        }
    }
}
