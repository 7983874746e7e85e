//! Enum types, where the database has them: one for each column that is an enum.

use crate::schema::Table;
use crate::sql::{Dialect, identifier, native};

/// The statements that make the enum types of a table. A type that is there gains the labels that it lacks; none is ever
/// taken away, for a row may have it.
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
    let labels = table.columns[position].kind().labels()?;
    let mut list = String::new();
    for (i, label) in labels.iter().enumerate() {
        list.push_str(if i > 0 { ", " } else { "" });
        identifier::literal(&mut list, label);
    }
    let create = format!("CREATE TYPE {name} AS ENUM ({list})");
    let mut of_type = String::new();
    identifier::literal(&mut of_type, &name);
    // Asked first, because the server tells everybody of each label that is there already.
    let add = format!(
        "FOREACH label IN ARRAY ARRAY[{list}]::text[] LOOP \
         IF NOT EXISTS (SELECT 1 FROM pg_enum WHERE enumtypid = {of_type}::regtype AND enumlabel = label) THEN \
         EXECUTE format('ALTER TYPE %s ADD VALUE IF NOT EXISTS %L', {of_type}::regtype, label); \
         END IF; END LOOP"
    );
    Some(block("DECLARE label text; ", &create, "duplicate_object", &add))
}

/// A statement that knows no IF NOT EXISTS.
pub(super) fn unless_there(statement: &str, error: &str) -> String {
    block("", statement, error, "NULL")
}

/// A statement, and what is done instead when it fails so.
fn block(declared: &str, statement: &str, error: &str, instead: &str) -> String {
    let mut tag = "$reprieve$".to_owned();
    while statement.contains(&tag) || instead.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("DO {tag} {declared}BEGIN {statement}; EXCEPTION WHEN {error} THEN {instead}; END {tag}")
}
