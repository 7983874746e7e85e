//! Foreign keys: what a driver's refusal does not say, and what the database does not refuse.

use super::Session;
use super::insert::display;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::Journal;
use reprieve_core::query::{Predicate, Select, Source, Visibility};
use reprieve_core::schema::{Edge, Table};
use reprieve_core::value::Value;
use std::sync::Arc;

impl Session {
    /// The foreign keys among the values whose parents can be deleted softly.
    pub(crate) fn guarded_parents(
        &self,
        table: &Table,
        values: &[(usize, Value)],
    ) -> Vec<(usize, Arc<Table>, Value)> {
        let edges = self.graph.parents(table).iter().filter(|edge| edge.parent.marker.is_some());
        edges
            .filter_map(|edge| {
                let (_, key) =
                    values.iter().find(|(column, value)| *column == edge.column && !value.is_null())?;
                Some((edge.column, edge.parent.clone(), key.clone()))
            })
            .collect()
    }

    /// Refuses a reference to a row that a cascade deleted: a live child never ends up under such a parent.
    pub(crate) async fn check_parent(
        &mut self,
        table: &Table,
        column: usize,
        parent: &Arc<Table>,
        key: &Value,
    ) -> Result<()> {
        let row = Source::new(0, parent, Visibility::Deleted);
        let select = Select::columns(row.clone(), vec![row.key()])
            .filter(Predicate::equals(row.key(), key.clone()))
            .filter(Journal::get().cascades(&row, 1));
        if self.rows(select).await?.is_empty() {
            Ok(())
        } else {
            Err(held_parent(table, column, parent, key))
        }
    }

    /// Names the foreign key that a refused write points nowhere with. The database says only that there is one.
    pub(super) async fn name_foreign_key(
        &mut self,
        table: &Table,
        values: &[(usize, Value)],
        error: Error,
    ) -> Error {
        if error.kind() != Kind::ConstraintViolation || !error.context().fields.is_empty() {
            return error;
        }
        let graph = self.graph.clone();
        for edge in graph.parents(table) {
            let Some((_, key)) = values.iter().find(|(column, key)| *column == edge.column && !key.is_null())
            else {
                continue;
            };
            let parent = Source::any(0, &edge.parent);
            let select = Select::columns(parent.clone(), vec![parent.key()]);
            match self.rows(select.filter(Predicate::equals(parent.key(), key.clone()))).await {
                Ok(rows) if rows.is_empty() => return missing_parent(error, edge, key),
                _ => {}
            }
        }
        error
    }
}

/// The error for a reference to a row that a cascade deleted.
pub(super) fn held_parent(table: &Table, column: usize, parent: &Table, key: &Value) -> Error {
    let field = &table.columns[column].name;
    let key = display(key);
    Error::new(
        Kind::ConstraintViolation,
        format!(
            "{}.{field}={key} refers to {} {key}, which was deleted together with its children: restore it first",
            table.model, parent.model
        ),
    )
    .model(&table.model)
    .field(field)
    .value(key)
}

/// A database's refusal of a reference that points nowhere, with what it does not say.
pub(super) fn missing_parent(error: Error, edge: &Edge, key: &Value) -> Error {
    let (table, field, key) = (&edge.child, &edge.child.columns[edge.column].name, display(key));
    let message = format!(
        "{}.{field}={key} refers to no row: there is no {} with {}={key}. Create it first",
        table.model,
        edge.parent.model,
        edge.parent.key().name
    );
    error.message(message).model(&table.model).field(field).value(key)
}
