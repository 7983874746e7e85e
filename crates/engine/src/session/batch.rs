//! Several rows of one table on their way into statements: how many fit into one, and what is said of one of them.

use super::Session;
use super::foreign_key::{held_parent, missing_parent};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::Journal;
use reprieve_core::query::{Lock, Order, Predicate, Select, Source, Visibility};
use reprieve_core::schema::{Edge, Table};
use reprieve_core::value::Value;
use std::collections::HashSet;
use std::sync::Arc;

/// A row's values as they are to be, and where it stands in the caller's list.
pub(super) struct Item {
    pub(super) index: usize,
    /// The key of a row that exists.
    pub(super) key: Option<Value>,
    pub(super) values: Vec<(usize, Value)>,
}

impl Item {
    pub(super) fn value(&self, column: usize) -> Option<&Value> {
        self.values.iter().find(|(position, _)| *position == column).map(|(_, value)| value)
    }
}

/// Says of an error which row of the caller's list it is about.
pub(super) fn in_row(index: usize, error: Error) -> Error {
    let message = format!("row {index}: {error}");
    error.message(message)
}

/// The columns that any of the rows has a value for, in the table's order.
pub(super) fn columns_of(table: &Table, items: &[Item]) -> Vec<usize> {
    let mut given = vec![false; table.columns.len()];
    items.iter().flat_map(|item| &item.values).for_each(|(column, _)| given[*column] = true);
    (0..given.len()).filter(|column| given[*column]).collect()
}

impl Session {
    /// How many rows of that many values fit into a statement that binds so many others.
    pub(super) fn rows_per_statement(&self, width: usize, others: usize) -> usize {
        let most = self.database.inner.compiler.dialect().max_binds();
        (most.saturating_sub(others) / width.max(1)).max(1)
    }

    /// Refuses references to rows that a cascade deleted: one query for each relation, unless there are very many keys.
    pub(super) async fn check_parents(&mut self, table: &Arc<Table>, items: &[Item]) -> Result<()> {
        let graph = self.graph.clone();
        for edge in graph.parents(table).iter().filter(|edge| edge.parent.marker.is_some()) {
            let row = Source::new(0, &edge.parent, Visibility::Deleted);
            for keys in references(edge, items).chunks(self.rows_per_statement(1, OTHERS)) {
                if self.keeps_live(&edge.parent, keys).await? {
                    continue;
                }
                let held = Select::columns(row.clone(), vec![row.key()])
                    .filter(Predicate::In(row.key(), keys.to_vec()))
                    .filter(Journal::get().cascades(&row, 1));
                let held: Vec<Value> = self.rows(held).await?.into_iter().flatten().collect();
                if let Some((item, key)) = first_of(edge, items, |key| held.contains(key)) {
                    return Err(in_row(item.index, held_parent(table, edge.column, &edge.parent, key)));
                }
            }
        }
        Ok(())
    }

    /// Keeps these parents as they are, where others could change them; whether none is deleted then. Where nobody can,
    /// it is not asked.
    async fn keeps_live(&mut self, parent: &Arc<Table>, keys: &[Value]) -> Result<bool> {
        let Some(marker) = parent.marker.filter(|_| self.locks()) else { return Ok(false) };
        let row = Source::any(0, parent);
        let these = Select::columns(row.clone(), vec![marker.holder(&row)])
            .filter(Predicate::In(row.key(), keys.to_vec()))
            .order_by(Order::ascending(row.key()))
            .lock(Lock::Keep);
        Ok(self.rows(these).await?.iter().flatten().all(Value::is_null))
    }

    /// Names the row, and the reference that points nowhere with which the database refused it.
    pub(super) async fn name_missing_parent(
        &mut self,
        table: &Arc<Table>,
        items: &[Item],
        error: Error,
    ) -> Error {
        if error.kind() != Kind::ConstraintViolation || !error.context().fields.is_empty() {
            return error;
        }
        let graph = self.graph.clone();
        for edge in graph.parents(table) {
            let row = Source::any(0, &edge.parent);
            let mut there = HashSet::new();
            for keys in references(edge, items).chunks(self.rows_per_statement(1, OTHERS)) {
                let keys = Predicate::In(row.key(), keys.to_vec());
                match self.rows(Select::columns(row.clone(), vec![row.key()]).filter(keys)).await {
                    Ok(found) => there.extend(found.iter().flatten().map(identity)),
                    Err(_) => return error,
                }
            }
            if let Some((item, key)) = first_of(edge, items, |key| !there.contains(&identity(key))) {
                return in_row(item.index, missing_parent(error, edge, key));
            }
        }
        error
    }
}

/// What a statement of the engine binds beside the rows of its caller, at most.
pub(super) const OTHERS: usize = 64;

/// A value as something that can be looked up.
pub(super) fn identity(value: &Value) -> String {
    format!("{value:?}")
}

/// The keys that the rows refer to by this relation, each once.
fn references(edge: &Edge, items: &[Item]) -> Vec<Value> {
    let mut seen = HashSet::new();
    let keys = items.iter().filter_map(|item| item.value(edge.column)).filter(|key| !key.is_null());
    keys.filter(|key| seen.insert(identity(key))).cloned().collect()
}

fn first_of<'a>(
    edge: &Edge,
    items: &'a [Item],
    wanted: impl Fn(&Value) -> bool,
) -> Option<(&'a Item, &'a Value)> {
    items.iter().find_map(|item| {
        let key = item.value(edge.column).filter(|key| !key.is_null() && wanted(key))?;
        Some((item, key))
    })
}
