//! Adding rows.

use super::taken::named_in_errors;
use super::update::refuse_marker;
use super::{Session, Verb};
use crate::audit::{self, Actor, Operation};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::query::{Insert, Predicate, Rows, Source, Statement};
use reprieve_core::schema::Table;
use reprieve_core::value::{Cell, Timestamp, Value};
use std::sync::Arc;

/// What the engine wrote beside what the caller gave.
pub type Written = Vec<(usize, Value)>;

impl Session {
    /// Adds one row. Each visible column of it goes to the sink, in the table's order.
    ///
    /// `values` are column positions and values; what is left out takes its default.
    ///
    /// # Errors
    /// When a value does not fit its column, a required one is missing, a unique key is taken, or a foreign key
    /// points to no row or to one that a cascade deleted. Nothing is written then.
    pub async fn insert(
        &mut self,
        table: &Arc<Table>,
        mut values: Vec<(usize, Value)>,
        actor: &Actor,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let now = self.database.inner.clock.now();
        complete(table, &mut values, now.into())?;
        self.check_characters(table, &values)?;
        let given = named_in_errors(table, &values);
        let guarded = !self.guarded_parents(table, &values).is_empty();
        let mut verb = Verb::start(self)?;
        let mut attempts = verb.attempts(table, values.iter().map(|(column, _)| *column));
        loop {
            let values = if attempts.are_left() { values.clone() } else { std::mem::take(&mut values) };
            let result = if !guarded && !table.audit {
                verb.insert_row(table, values, sink).await
            } else {
                let scope = verb.enter().await?;
                let result = verb.insert_guarded(table, values, now, actor, sink).await;
                verb.leave(scope, result).await
            };
            let result = match result {
                Err(error) => Err(verb.name_given(table, &given, error).await),
                result => result,
            };
            if verb.try_again(&mut attempts, table, &result).await {
                sink.restart();
                continue;
            }
            return verb.finish(result);
        }
    }

    /// Together with what is looked at before, and noted after.
    async fn insert_guarded(
        &mut self,
        table: &Arc<Table>,
        values: Vec<(usize, Value)>,
        now: Timestamp,
        actor: &Actor,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let mut guards = self.guards(table, &values).await?;
        let insert = Statement::Insert(insert_of(table, values));
        let mut row = KeyOf { position: key_position(table), inner: sink, key: Value::Null };
        let mut steps = self.guard_steps(&mut guards)?;
        steps.push(self.step_into(&insert, &mut row)?);
        self.run_all(&mut steps).await?;
        drop(steps);
        self.check_guards(table, &guards).await?;
        if table.audit {
            let created = Source::any(0, table);
            let this = Predicate::equals(created.key(), row.key);
            audit::record(self, Operation::Create, created, this, Vec::new(), now, actor).await?;
        }
        Ok(())
    }

    async fn insert_row(
        &mut self,
        table: &Arc<Table>,
        values: Vec<(usize, Value)>,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let opened = self.open().await?;
        let insert = insert_of(table, values);
        let mut binds = Vec::new();
        let statement = self.compile(&Statement::Insert(insert), &mut binds)?;
        let result = self.run(&statement, &binds, sink).await;
        if result.is_err() && opened {
            // Nobody else's work is in it: do not keep the writer's turn for nothing.
            self.rollback().await?;
        }
        result.map(drop)
    }
}

/// One row, of which the visible columns come back.
fn insert_of(table: &Arc<Table>, values: Vec<(usize, Value)>) -> Insert {
    let (columns, row): (Vec<usize>, Vec<Value>) = values.into_iter().unzip();
    let returning = table.visible_columns().collect();
    Insert { table: table.clone(), columns, rows: Rows::Values(vec![row]), returning }
}

/// A key or value, for a message.
pub(crate) fn display(value: &Value) -> String {
    match value {
        Value::Int(v) => v.to_string(),
        Value::Text(v) => v.clone(),
        Value::Uuid(v) => uuid::Uuid::from_bytes(*v).to_string(),
        other => format!("{other:?}"),
    }
}

/// Adds defaults and the operation's instant, refuses what does not fit, in the table's order of columns.
pub(super) fn complete(table: &Table, values: &mut Vec<(usize, Value)>, now: Value) -> Result<()> {
    for (i, column) in table.columns.iter().enumerate() {
        match values.iter().find(|(position, _)| *position == i) {
            Some((_, Value::Null)) if i == table.primary_key && table.generates_key() => {}
            Some((_, value)) => {
                // NULL says what is so without saying it: the new row is live.
                if !value.is_null() {
                    refuse_marker(table, i)?;
                }
                table.check(i, value)?;
            }
            None if column.fill.is_some() => values.push((i, now.clone())),
            None if column.default.is_some() => values.extend(column.default.clone().map(|value| (i, value))),
            None if i == table.primary_key && table.generates_key() => {}
            None => table.check(i, &Value::Null)?,
        }
    }
    values.sort_by_key(|(position, _)| *position);
    Ok(())
}

/// Where the key is among the visible columns.
pub(super) fn key_position(table: &Table) -> usize {
    table.visible_columns().position(|i| i == table.primary_key).unwrap_or(0)
}

/// Passes rows on and keeps the key of the last one.
struct KeyOf<'a> {
    position: usize,
    inner: &'a mut dyn RowSink,
    key: Value,
}

impl RowSink for KeyOf<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        self.key = Cell::to_value(row.cell(self.position)?);
        self.inner.row(row)
    }

    fn restart(&mut self) {
        self.inner.restart();
    }
}
