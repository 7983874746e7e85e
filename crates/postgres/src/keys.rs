//! The columns of a unique key that was violated. The server names the key; its detail names the columns too, in the server's
//! language and with the values.

use tokio_postgres::error::DbError;

/// The columns of an index, in their order. An expression has no name.
pub(crate) const COLUMNS: &str = "\
SELECT a.attname FROM pg_catalog.pg_index i \
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS k(place) \
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place] \
WHERE n.nspname = $1 AND c.relname = $2 ORDER BY k.place";

/// A unique index.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) schema: String,
    pub(crate) name: String,
}

impl Key {
    /// The key that was violated.
    pub(crate) fn of(error: &DbError) -> Option<Self> {
        let (Some(schema), Some(name)) = (error.schema(), error.constraint()) else { return None };
        (error.code().code() == "23505").then(|| Self { schema: schema.to_owned(), name: name.to_owned() })
    }
}
