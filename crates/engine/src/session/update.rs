//! Changing rows.

use super::taken::named_in_errors;
use super::{Session, Verb};
use crate::audit::{self, Actor, Operation};
use reprieve_core::driver::Discard;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Expr, Lock, Predicate, Source, Statement, Update, Visibility};
use reprieve_core::schema::{Fill, Table};
use reprieve_core::value::{Timestamp, Value};
use std::sync::Arc;

/// A column's position and the value it takes.
pub type Change = (usize, Value);

impl Session {
    /// Changes the row with this key, if it is still in the state in which its caller saw it: only the columns given, and
    /// those the engine fills at every update, which it returns.
    ///
    /// # Errors
    /// When a value does not fit, or a unique key is taken; [`Kind::Deleted`] when the row is in the other state by now;
    /// [`Kind::NotFound`] when it is gone. Nothing is written then.
    pub async fn update(
        &mut self,
        table: &Arc<Table>,
        key: &Value,
        seen: Visibility,
        changes: Vec<Change>,
        actor: &Actor,
    ) -> Result<Vec<Change>> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        check(table, &changes)?;
        self.check_characters(table, &changes)?;
        let now = self.database.inner.clock.now();
        let filled = filled(table, &changes, now);
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        let given = named_in_errors(table, &changes);
        let row = Source::new(0, table, seen);
        let result = verb.update_guarded(&row, key, changes, &filled, now, actor).await;
        let result = match verb.leave(scope, result).await {
            Err(error) => Err(verb.name_given(table, &given, error).await),
            Ok(()) => Ok(filled),
        };
        verb.finish(result)
    }

    /// Together with what is looked at and noted before.
    async fn update_guarded(
        &mut self,
        row: &Source,
        key: &Value,
        changes: Vec<Change>,
        filled: &[Change],
        now: Timestamp,
        actor: &Actor,
    ) -> Result<()> {
        let table = &row.table;
        let mut guards = self.guards(table, &changes).await?;
        let this = Predicate::equals(row.key(), key.clone());
        let mut steps = self.guard_steps(&mut guards)?;
        if table.audit {
            let lock = self.lock(row, &this, Lock::Change);
            steps.extend(lock.map(|lock| self.step(&lock)).transpose()?);
            let of = (row.clone(), this.clone());
            let entry = audit::entry(Operation::Update, of.0, of.1, changes.clone(), now, actor);
            steps.push(self.step_of_log(&entry)?);
        }
        let set = changes.into_iter().chain(filled.iter().cloned());
        let set = set.map(|(column, value)| (column, Expr::Bind(value))).collect();
        let update =
            Statement::Update(Update { target: row.clone(), set, filter: this, returning: Vec::new() });
        steps.push(self.step(&update)?);
        self.run_all(&mut steps).await?;
        let changed = steps.last().map_or(0, |step| step.changed);
        drop(steps);
        self.check_guards(table, &guards).await?;
        if changed == 0 { Err(self.unwritten(row, key).await?) } else { Ok(()) }
    }

    /// Runs a write of the engine's own.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<u64> {
        let mut binds = Vec::new();
        let statement = self.compile(&statement, &mut binds)?;
        self.run(&statement, &binds, &mut Discard).await
    }
}

/// The columns that an update fills because it leaves them out.
pub(super) fn filled(table: &Table, changes: &[Change], now: Timestamp) -> Vec<Change> {
    (0..table.columns.len())
        .filter(|i| table.columns[*i].fill == Some(Fill::Updated) && changes.iter().all(|(c, _)| c != i))
        .map(|i| (i, Value::from(now)))
        .collect()
}

pub(crate) fn check(table: &Table, changes: &[Change]) -> Result<()> {
    for (column, value) in changes {
        refuse_marker(table, *column)?;
        table.check(*column, value)?;
    }
    Ok(())
}

/// The markers of a row are written together with the journal, or not at all.
pub(crate) fn refuse_marker(table: &Table, column: usize) -> Result<()> {
    if !table.marker.is_some_and(|marker| marker.owns(column)) {
        return Ok(());
    }
    let field = &table.columns[column].name;
    Err(Error::new(
        Kind::InvalidValue,
        format!(
            "{}.{field} is written by soft_delete() and restore() only, together with the journal of deletions: call \
             one of them",
            table.model
        ),
    )
    .model(&table.model)
    .field(field))
}
