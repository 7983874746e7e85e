//! Making and dropping tables and their indexes.
//!
//! Defaults are not declared: the engine writes them. The actions of foreign keys are: a soft delete follows them
//! in the engine, a physical one (`delete(force=True)`, purge) leaves them to the database. They are checked at
//! once and not at the commit, so that the statement that breaks one is the statement that fails.

use super::visibility::index_rows;
use super::writer::{column_name, internal};
use super::{DECIMAL_COLLATION, Dialect, identifier};
use crate::error::Result;
use crate::schema::{Column, ColumnType, Graph, Index, Table};

/// The statements that make a table and its indexes, unless they are there.
///
/// # Errors
/// When the graph does not know the table a foreign key refers to: it was made before the table was declared.
pub fn create_table(table: &Table, graph: &Graph, dialect: Dialect) -> Result<Vec<String>> {
    let mut text = "CREATE TABLE IF NOT EXISTS ".to_owned();
    identifier::quote(&mut text, &table.name);
    for (position, column) in table.columns.iter().enumerate() {
        text.push_str(if position == 0 { " (\n  " } else { ",\n  " });
        identifier::quote(&mut text, &column.name);
        text.push_str(&column_type(table, column, dialect));
        references(&mut text, table, position, graph)?;
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
        }
    }
    let mut statements = vec![text];
    for index in &table.indexes {
        statements.push(create_index(table, index, dialect)?);
    }
    Ok(statements)
}

/// The statement that makes an index, unless it is there.
///
/// # Errors
/// When the index names a column that the table does not have.
pub fn create_index(table: &Table, index: &Index, dialect: Dialect) -> Result<String> {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let mut text = format!("CREATE {unique}INDEX IF NOT EXISTS ");
    identifier::quote(&mut text, &index.name);
    text.push_str(" ON ");
    identifier::quote(&mut text, &table.name);
    for (i, &position) in index.columns.iter().enumerate() {
        text.push_str(if i == 0 { " (" } else { ", " });
        identifier::quote(&mut text, column_name(table, position)?);
    }
    text.push(')');
    match dialect {
        Dialect::Sqlite => index_rows(&mut text, table, index.scope),
    }
    Ok(text)
}

/// The statement that drops a table and its indexes, if it is there.
pub fn drop_table(table: &Table, dialect: Dialect) -> String {
    let mut text = match dialect {
        Dialect::Sqlite => "DROP TABLE IF EXISTS ".to_owned(),
    };
    identifier::quote(&mut text, &table.name);
    text
}

/// ` INTEGER NOT NULL`: the type and what goes with it.
fn column_type(table: &Table, column: &Column, dialect: Dialect) -> String {
    let mut text = String::new();
    match (column.kind(), dialect) {
        (ColumnType::Integer | ColumnType::Boolean | ColumnType::Key, Dialect::Sqlite) => {
            text.push_str(" INTEGER");
        }
        (ColumnType::Float, Dialect::Sqlite) => text.push_str(" REAL"),
        (ColumnType::Uuid | ColumnType::Bytes, Dialect::Sqlite) => text.push_str(" BLOB"),
        (ColumnType::Decimal { .. }, Dialect::Sqlite) => {
            text.push_str(" TEXT COLLATE ");
            text.push_str(DECIMAL_COLLATION);
        }
        (
            ColumnType::Text
            | ColumnType::Timestamp
            | ColumnType::Date
            | ColumnType::Time
            | ColumnType::Json
            | ColumnType::Enum(_)
            | ColumnType::Array(_),
            Dialect::Sqlite,
        ) => text.push_str(" TEXT"),
        // Without a type SQLite stores what it is given.
        (ColumnType::Any, Dialect::Sqlite) => {}
    }
    if column.primary_key {
        text.push_str(" PRIMARY KEY");
    }
    if column.primary_key && table.generates_key() {
        match dialect {
            // A key is never given out twice: the journal and the audit log name rows by it.
            Dialect::Sqlite => text.push_str(" AUTOINCREMENT"),
        }
    } else if !column.nullable {
        text.push_str(" NOT NULL");
    }
    text
}

fn references(text: &mut String, table: &Table, position: usize, graph: &Graph) -> Result<()> {
    let Some(key) = &table.columns[position].references else { return Ok(()) };
    let edge = graph.parents(table).iter().find(|edge| edge.column == position).ok_or_else(|| {
        internal(format!("the graph has no parent '{}' of the table '{}'", key.table, table.name))
    })?;
    text.push_str(" REFERENCES ");
    identifier::quote(text, &edge.parent.name);
    text.push('(');
    identifier::quote(text, &edge.parent.key().name);
    text.push_str(") ON DELETE ");
    text.push_str(key.on_delete.sql());
    text.push_str(" ON UPDATE ");
    text.push_str(key.on_update.sql());
    Ok(())
}
