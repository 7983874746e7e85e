//! Enum types, where the database has them: one for each column that is an enum.

use crate::schema::{ColumnType, Table};
use crate::sql::{Dialect, identifier, native};

/// The statements that make the enum types of a table, unless they are there. A type that is there stays as it is: it
/// may lack a label that was added since.
pub(super) fn create(table: &Table, dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::Sqlite => Vec::new(),
        Dialect::Postgres => (0..table.columns.len()).filter_map(|position| make(table, position)).collect(),
    }
}

/// The statements that drop the enum types of a table that is dropped.
pub(super) fn drop(table: &Table) -> Vec<String> {
    let types = (0..table.columns.len()).filter_map(|position| native::enum_of(table, position));
    types.map(|name| format!("DROP TYPE IF EXISTS {name}")).collect()
}

fn make(table: &Table, position: usize) -> Option<String> {
    let name = native::enum_of(table, position)?;
    let ColumnType::Enum(labels) = table.columns[position].kind() else { return None };
    let mut create = format!("CREATE TYPE {name} AS ENUM (");
    for (i, label) in labels.iter().enumerate() {
        create.push_str(if i > 0 { ", " } else { "" });
        identifier::literal(&mut create, label);
    }
    create.push(')');
    Some(unless_there(&create, "duplicate_object"))
}

/// A statement that knows no IF NOT EXISTS.
pub(super) fn unless_there(statement: &str, error: &str) -> String {
    let mut tag = "$reprieve$".to_owned();
    while statement.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("DO {tag} BEGIN {statement}; EXCEPTION WHEN {error} THEN NULL; END {tag}")
}
