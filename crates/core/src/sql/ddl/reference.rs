//! Foreign keys.
//!
//! PostgreSQL wants the table referred to, to be there. Of two that refer to each other one is made first: its reference
//! is added when both are.

use super::enums::unless_there;
use crate::error::Result;
use crate::schema::{Edge, Graph, Table};
use crate::sql::writer::internal;
use crate::sql::{Dialect, identifier};
use std::sync::Arc;

/// ` REFERENCES "users"("id") …`, when the column refers to a table that is there by then.
pub(super) fn declare(
    text: &mut String,
    table: &Table,
    position: usize,
    graph: &Graph,
    dialect: Dialect,
    later: &[Arc<Table>],
) -> Result<()> {
    if table.columns[position].references.is_none() {
        return Ok(());
    }
    let edge = edge(table, position, graph)?;
    if !is_later(edge, dialect, later) {
        text.push(' ');
        references(text, edge);
    }
    Ok(())
}

/// The statements that add the references of a table to those that were made after it, unless they are there.
pub(super) fn add_later(
    table: &Table,
    graph: &Graph,
    dialect: Dialect,
    later: &[Arc<Table>],
) -> Result<Vec<String>> {
    let refers = |position: &usize| table.columns[*position].references.is_some();
    let mut statements = Vec::new();
    for position in (0..table.columns.len()).filter(refers) {
        let edge = edge(table, position, graph)?;
        if !is_later(edge, dialect, later) {
            continue;
        }
        let column = &table.columns[position].name;
        let mut text = "ALTER TABLE ".to_owned();
        identifier::quote(&mut text, &table.name);
        text.push_str(" ADD CONSTRAINT ");
        // As the database names those that are declared with the table.
        identifier::quote(&mut text, &identifier::fitted(&format!("{}_{column}_fkey", table.name)));
        text.push_str(" FOREIGN KEY (");
        identifier::quote(&mut text, column);
        text.push_str(") ");
        references(&mut text, edge);
        statements.push(unless_there(&text, "duplicate_object"));
    }
    Ok(statements)
}

fn edge<'g>(table: &Table, position: usize, graph: &'g Graph) -> Result<&'g Edge> {
    graph.parents(table).iter().find(|edge| edge.column == position).ok_or_else(|| {
        let parent = table.columns[position].references.as_ref().map_or("", |key| &key.table);
        internal(format!("the graph has no parent '{parent}' of the table '{}'", table.name))
    })
}

fn is_later(edge: &Edge, dialect: Dialect, later: &[Arc<Table>]) -> bool {
    match dialect {
        Dialect::Sqlite => false,
        Dialect::Postgres => edge.parent.is_among(later),
    }
}

fn references(text: &mut String, edge: &Edge) {
    text.push_str("REFERENCES ");
    identifier::quote(text, &edge.parent.name);
    text.push('(');
    identifier::quote(text, &edge.parent.key().name);
    text.push_str(") ON DELETE ");
    text.push_str(edge.on_delete.sql());
    if let Some(key) = &edge.child.columns[edge.column].references {
        text.push_str(" ON UPDATE ");
        text.push_str(key.on_update.sql());
    }
}
