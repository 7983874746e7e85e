//! Making and dropping tables and their indexes.
//!
//! Defaults are not declared: the engine writes them. The actions of foreign keys are: a soft delete follows them
//! in the engine, a physical one (`delete(force=True)`, purge) leaves them to the database. They are checked at
//! once and not at the commit, so that the statement that breaks one is the statement that fails.

mod column;
mod enums;
mod index;
mod reference;

use super::writer::column_name;
use super::{Dialect, identifier};
use crate::error::Result;
use crate::schema::{Graph, Table};
use std::sync::Arc;

pub use index::{broken_index, create_index, create_index_concurrently, repeated_keys};

/// The statements that make a table and its indexes, unless they are there.
///
/// # Errors
/// When the graph does not know the table a foreign key refers to: it was made before the table was declared.
pub fn create_table(table: &Table, graph: &Graph, dialect: Dialect) -> Result<Vec<String>> {
    create_before(table, graph, dialect, &[])
}

/// The statements that make tables and their indexes, unless they are there. Parents MUST come before children as far
/// as they do not refer to each other in a cycle, as [`Graph::tables`] has them.
///
/// # Errors
/// As [`create_table`].
pub fn create_tables(tables: &[Arc<Table>], graph: &Graph, dialect: Dialect) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for (i, table) in tables.iter().enumerate() {
        statements.extend(create_before(table, graph, dialect, &tables[i + 1..])?);
    }
    for (i, table) in tables.iter().enumerate() {
        statements.extend(reference::add_later(table, graph, dialect, &tables[i + 1..])?);
    }
    Ok(statements)
}

/// The statements that make a table, before these others are there.
fn create_before(
    table: &Table,
    graph: &Graph,
    dialect: Dialect,
    later: &[Arc<Table>],
) -> Result<Vec<String>> {
    let mut statements = enums::create(table, dialect);
    let mut text = "CREATE TABLE IF NOT EXISTS ".to_owned();
    identifier::quote(&mut text, &table.name);
    for (position, column) in table.columns.iter().enumerate() {
        text.push_str(if position == 0 { " (\n  " } else { ",\n  " });
        identifier::quote(&mut text, &column.name);
        column::declare(&mut text, table, position, dialect);
        reference::declare(&mut text, table, position, graph, dialect, later)?;
    }
    if let Some((left, right)) = table.link {
        text.push_str(",\n  PRIMARY KEY (");
        identifier::quote(&mut text, column_name(table, left)?);
        text.push_str(", ");
        identifier::quote(&mut text, column_name(table, right)?);
        text.push(')');
    }
    text.push_str("\n)");
    if table.link.is_some() {
        match dialect {
            // The pair is all there is: the index of the key holds the rows.
            Dialect::Sqlite => text.push_str(" WITHOUT ROWID"),
            Dialect::Postgres => {}
        }
    }
    statements.push(text);
    for index in &table.indexes {
        statements.push(create_index(table, index, dialect)?);
    }
    Ok(statements)
}

/// The statements that drop a table and what was made with it, if it is there.
pub fn drop_table(table: &Arc<Table>, dialect: Dialect) -> Vec<String> {
    drop_tables(std::slice::from_ref(table), dialect)
}

/// The statements that drop tables and what was made with them, those that are there. Children MUST come before parents
/// as far as they do not refer to each other in a cycle.
///
/// What another table refers to is not dropped: PostgreSQL refuses it always, SQLite when there are rows that do.
pub fn drop_tables(tables: &[Arc<Table>], dialect: Dialect) -> Vec<String> {
    let drop = |tables: &[Arc<Table>]| {
        let mut text = "DROP TABLE IF EXISTS ".to_owned();
        for (i, table) in tables.iter().enumerate() {
            text.push_str(if i > 0 { ", " } else { "" });
            identifier::quote(&mut text, &table.name);
        }
        text
    };
    match dialect {
        Dialect::Sqlite => tables.chunks(1).map(drop).collect(),
        Dialect::Postgres if tables.is_empty() => Vec::new(),
        // All at once, so that those in a cycle hold each other back no longer.
        Dialect::Postgres => {
            std::iter::once(drop(tables)).chain(tables.iter().flat_map(|table| enums::drop(table))).collect()
        }
    }
}
