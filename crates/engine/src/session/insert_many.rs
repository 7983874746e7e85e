//! Adding many rows by few statements.

use super::batch::{Item, OTHERS, columns_of, in_row};
use super::insert::{complete, key_position};
use super::{PlanSink, Session, Verb};
use crate::audit::{self, Actor, Operation};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::{Error, Result};
use reprieve_core::query::{Insert, Predicate, Rows, Source, Statement};
use reprieve_core::schema::Table;
use reprieve_core::value::{Cell, Timestamp, Value};
use std::sync::Arc;

impl Session {
    /// Adds rows, all or none. Each visible column of each goes to the sink, if there is one, in the table's order;
    /// the rows come in the order in which they are given.
    ///
    /// Each row is column positions and values, of as many columns as it likes; what is left out takes its default.
    /// The number of statements depends on how many rows the database takes in one.
    ///
    /// # Errors
    /// As [`Session::insert`]; they name the row by its place in the list, counted from 0, except for a unique key
    /// that is taken, which is named by its value.
    pub async fn insert_many(
        &mut self,
        table: &Arc<Table>,
        rows: Vec<Vec<(usize, Value)>>,
        actor: &Actor,
        sink: Option<&mut dyn PlanSink>,
    ) -> Result<()> {
        let now = self.database.inner.clock.now();
        let mut items = Vec::with_capacity(rows.len());
        for (index, mut values) in rows.into_iter().enumerate() {
            let checked = complete(table, &mut values, now.into());
            checked
                .and_then(|()| self.check_characters(table, &values))
                .map_err(|error| in_row(index, error))?;
            items.push(Item { index, key: None, values });
        }
        if items.is_empty() {
            return Ok(());
        }
        let mut verb = Verb::start(self)?;
        // A key that the database makes may be one that another row of the list brings.
        let keyed = items.iter().all(|item| item.value(table.primary_key).is_some());
        let mut attempts = verb.attempts(table, keyed.then_some(table.primary_key).into_iter());
        let mut sink = sink;
        loop {
            let scope = verb.enter().await?;
            let rows = sink.as_deref_mut().map(|sink| -> &mut dyn PlanSink { sink });
            let result = verb.insert_items(table, &items, now, actor, rows).await;
            let result = verb.leave(scope, result).await;
            if verb.try_again(&mut attempts, table, &result).await {
                sink.iter_mut().for_each(|sink| sink.restart());
                continue;
            }
            return verb.finish(result);
        }
    }

    async fn insert_items(
        &mut self,
        table: &Arc<Table>,
        items: &[Item],
        now: Timestamp,
        actor: &Actor,
        sink: Option<&mut dyn PlanSink>,
    ) -> Result<()> {
        self.check_parents(table, items).await?;
        let columns = columns_of(table, items);
        let returning = match (&sink, table.audit) {
            (Some(_), _) => table.visible_columns().collect(),
            (None, true) => vec![table.primary_key],
            (None, false) => Vec::new(),
        };
        let position = if sink.is_some() { key_position(table) } else { 0 };
        let mut row = KeysOf { position: table.audit.then_some(position), inner: sink, keys: Vec::new() };
        for items in items.chunks(self.rows_per_statement(columns.len(), OTHERS)) {
            let rows = items.iter().map(|item| aligned(item, &columns)).collect();
            let (columns, returning) = (columns.clone(), returning.clone());
            let insert = Insert { table: table.clone(), columns, rows: Rows::Values(rows), returning };
            let mut binds = Vec::new();
            let statement = self.compile(&Statement::Insert(insert), &mut binds)?;
            if let Err(error) = self.run(&statement, &binds, &mut row).await {
                return Err(self.name_refused(table, items, error).await);
            }
            let keys = std::mem::take(&mut row.keys);
            if let Some(sink) = &mut row.inner {
                sink.keep();
            }
            if table.audit {
                let created = Source::any(0, table);
                let these = Predicate::In(created.key(), keys);
                audit::record(self, Operation::Create, created, these, Vec::new(), now, actor).await?;
            }
        }
        Ok(())
    }

    /// A refusal of several rows, with what the database does not say.
    pub(super) async fn name_refused(&mut self, table: &Arc<Table>, items: &[Item], error: Error) -> Error {
        if !self.in_transaction() {
            return error;
        }
        let error = self.name_missing_parent(table, items, error).await;
        self.name_taken(table, items, error).await
    }
}

/// The row's values of these columns. A column that other rows give is NULL in this one: what has a default was given
/// it before, and NULL as a generated key is the next key.
fn aligned(item: &Item, columns: &[usize]) -> Vec<Value> {
    columns.iter().map(|&column| item.value(column).cloned().unwrap_or(Value::Null)).collect()
}

/// Passes rows on, when anybody wants them, and keeps their keys, when they are needed.
struct KeysOf<'a> {
    position: Option<usize>,
    inner: Option<&'a mut dyn PlanSink>,
    keys: Vec<Value>,
}

impl RowSink for KeysOf<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if let Some(position) = self.position {
            self.keys.push(Cell::to_value(row.cell(position)?));
        }
        match &mut self.inner {
            Some(inner) => inner.row(row),
            None => Ok(()),
        }
    }

    fn restart(&mut self) {
        self.keys.clear();
        if let Some(inner) = &mut self.inner {
            inner.restart();
        }
    }
}
