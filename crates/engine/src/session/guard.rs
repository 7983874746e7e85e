//! Parents of rows that are being written: a live child never ends up under a parent that a cascade deleted.
//!
//! Where others write too, the parent is kept as it is from before the child is written until the transaction ends
//! (see `lock`); both go out together, and what was found is looked at then.

use super::Session;
use super::read::Rows;
use reprieve_core::driver::Step;
use reprieve_core::error::Result;
use reprieve_core::query::{Lock, Select, Source, Statement};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use std::sync::Arc;

/// A reference that is being written, and what its parent was found to be.
pub(super) struct Guard {
    column: usize,
    parent: Arc<Table>,
    key: Value,
    select: Select,
    found: Rows,
}

impl Session {
    /// What has to be looked at of the parents that these values refer to. Where nobody else can write, it is done
    /// here.
    ///
    /// # Errors
    /// When a cascade deleted one.
    pub(super) async fn guards(&mut self, table: &Table, values: &[(usize, Value)]) -> Result<Vec<Guard>> {
        let parents = self.guarded_parents(table, values);
        if !self.locks() {
            for (column, parent, key) in parents {
                self.check_parent(table, column, &parent, &key).await?;
            }
            return Ok(Vec::new());
        }
        Ok(parents.into_iter().filter_map(|(column, parent, key)| Guard::new(column, parent, key)).collect())
    }

    /// The steps that keep the parents, to go out before what refers to them.
    pub(super) fn guard_steps<'a>(&self, guards: &'a mut [Guard]) -> Result<Vec<Step<'a>>> {
        let step =
            |guard: &'a mut Guard| self.step_into(&Statement::Select(guard.select.clone()), &mut guard.found);
        guards.iter_mut().map(step).collect()
    }

    /// Refuses what was written under a parent that a cascade deleted, once the steps have run.
    pub(super) async fn check_guards(&mut self, table: &Table, guards: &[Guard]) -> Result<()> {
        for guard in guards.iter().filter(|guard| guard.is_deleted()) {
            self.check_parent(table, guard.column, &guard.parent, &guard.key).await?;
        }
        Ok(())
    }

    /// Keeps the parents, and refuses those that a cascade deleted.
    pub(super) async fn guard(&mut self, table: &Table, values: &[(usize, Value)]) -> Result<()> {
        let mut guards = self.guards(table, values).await?;
        let mut steps = self.guard_steps(&mut guards)?;
        self.run_all(&mut steps).await?;
        drop(steps);
        self.check_guards(table, &guards).await
    }
}

impl Guard {
    fn new(column: usize, parent: Arc<Table>, key: Value) -> Option<Self> {
        let marker = parent.marker?;
        let row = Source::any(0, &parent);
        let this = reprieve_core::query::Predicate::equals(row.key(), key.clone());
        let select = Select::columns(row.clone(), vec![marker.holder(&row)]).filter(this).lock(Lock::Keep);
        let found = Rows::of(&select);
        Some(Self { column, parent, key, select, found })
    }

    /// Most parents are live, and nothing more has to be asked about them.
    fn is_deleted(&self) -> bool {
        self.found.rows.iter().flatten().any(|deletion| !deletion.is_null())
    }
}
