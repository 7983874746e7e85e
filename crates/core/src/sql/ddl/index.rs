//! Indexes.

use crate::error::Result;
use crate::schema::{Index, Table};
use crate::sql::visibility::index_rows;
use crate::sql::writer::column_name;
use crate::sql::{Dialect, identifier};

/// The statement that makes an index, unless it is there.
///
/// # Errors
/// When the index names a column that the table does not have.
pub fn create_index(table: &Table, index: &Index, dialect: Dialect) -> Result<String> {
    create(table, index, dialect, "")
}

/// The same for a table in use: others write to it meanwhile, where the database can do that
/// ([`crate::driver::Capability::concurrent_indexes`]). It cannot be run in a transaction. When it fails, it leaves an
/// index behind that is not valid and has to be dropped.
///
/// # Errors
/// As [`create_index`].
pub fn create_index_concurrently(table: &Table, index: &Index, dialect: Dialect) -> Result<String> {
    create(
        table,
        index,
        dialect,
        match dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => "CONCURRENTLY ",
        },
    )
}

/// What a build that failed, or was broken off, leaves behind: the query that finds it, without rows when there is none,
/// and the statement that takes it away. None where nothing is left.
pub fn broken_index(index: &Index, dialect: Dialect) -> Option<(String, String)> {
    match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres => {
            let (mut name, mut of) = (String::new(), String::new());
            identifier::quote(&mut name, &identifier::fitted(&index.name));
            identifier::literal(&mut of, &name);
            let find = format!(
                "SELECT 1::bigint FROM pg_catalog.pg_index WHERE indexrelid = to_regclass({of}) AND NOT indisvalid"
            );
            Some((find, format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")))
        }
    }
}

/// The query for what stands in the way of a unique index: how many keys are there more than once, and in how many rows
/// of those that the index covers. Rows with a NULL among their keys never do.
///
/// # Errors
/// As [`create_index`].
pub fn repeated_keys(table: &Table, index: &Index) -> Result<String> {
    let mut keys = String::new();
    let mut known = String::new();
    for (i, &position) in index.columns.iter().enumerate() {
        let name = column_name(table, position)?;
        keys.push_str(if i == 0 { "" } else { ", " });
        identifier::quote(&mut keys, name);
        known.push_str(if i == 0 { "" } else { " AND " });
        identifier::quote(&mut known, name);
        known.push_str(" IS NOT NULL");
    }
    let mut text =
        String::from("SELECT count(*), CAST(coalesce(sum(n), 0) AS bigint) FROM (SELECT count(*) AS n FROM ");
    identifier::quote(&mut text, &table.name);
    let all = text.len();
    index_rows(&mut text, table, index.scope);
    text.push_str(if text.len() == all { " WHERE " } else { " AND " });
    text.push_str(&known);
    text.push_str(" GROUP BY ");
    text.push_str(&keys);
    text.push_str(" HAVING count(*) > 1) AS repeated");
    Ok(text)
}

fn create(table: &Table, index: &Index, dialect: Dialect, how: &str) -> Result<String> {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let mut text = format!("CREATE {unique}INDEX {how}IF NOT EXISTS ");
    match dialect {
        Dialect::Sqlite => identifier::quote(&mut text, &index.name),
        Dialect::Postgres => identifier::quote(&mut text, &identifier::fitted(&index.name)),
    }
    text.push_str(" ON ");
    identifier::quote(&mut text, &table.name);
    for (i, &position) in index.columns.iter().enumerate() {
        text.push_str(if i == 0 { " (" } else { ", " });
        identifier::quote(&mut text, column_name(table, position)?);
        match dialect {
            // The order that ORDER BY asks for, forwards and backwards.
            Dialect::Postgres if table.columns[position].nullable => text.push_str(" NULLS FIRST"),
            Dialect::Sqlite | Dialect::Postgres => {}
        }
    }
    text.push(')');
    index_rows(&mut text, table, index.scope);
    Ok(text)
}
