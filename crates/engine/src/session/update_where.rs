//! Changing all rows that a query finds.

use super::batch::Item;
use super::update::{check, filled};
use super::update_many::{moves, refuse_key};
use super::{Change, Session, Verb};
use crate::audit::{self, Actor, Operation};
use crate::chosen::Chosen;
use reprieve_core::error::Result;
use reprieve_core::query::{Expr, Statement, Update};
use reprieve_core::value::Timestamp;

impl Session {
    /// Changes the rows that a query finds: only the columns given, and those the engine fills at every update. Returns
    /// how many there were. One statement, beside the audit's and the checks of parents.
    ///
    /// # Errors
    /// As [`Session::update`], and when a change is one of the key.
    pub async fn update_where(&mut self, rows: &Chosen, changes: Vec<Change>, actor: &Actor) -> Result<u64> {
        let table = rows.table();
        check(table, &changes)?;
        self.check_characters(table, &changes)?;
        refuse_key(table, &changes)?;
        if changes.is_empty() {
            return Ok(0);
        }
        let now = self.database.inner.clock.now();
        let filled = filled(table, &changes, now);
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        if moves(table, &changes.iter().map(|(column, _)| *column).collect::<Vec<_>>()) {
            verb.turn_lives();
        }
        let result = verb.update_found(rows, &changes, &filled, now, actor).await;
        let result = match verb.leave(scope, result).await {
            Err(error) => {
                let error = verb.name_foreign_key(table, &changes, error).await;
                let item = Item { index: 0, key: None, values: changes };
                Err(verb.name_taken(table, &[item], error).await)
            }
            result => result,
        };
        verb.finish(result)
    }

    async fn update_found(
        &mut self,
        rows: &Chosen,
        changes: &[Change],
        filled: &[Change],
        now: Timestamp,
        actor: &Actor,
    ) -> Result<u64> {
        let table = rows.table();
        self.guard(table, changes).await?;
        let (target, mut filter) = (rows.source(), rows.condition());
        if table.audit {
            filter = self.settled(&target, filter).await?;
            let of = (target.clone(), filter.clone());
            audit::record(self, Operation::Update, of.0, of.1, changes.to_vec(), now, actor).await?;
        }
        let set = changes.iter().chain(filled).map(|(c, v)| (*c, Expr::Bind(v.clone()))).collect();
        self.execute(Statement::Update(Update { target, set, filter, returning: Vec::new() })).await
    }
}
