//! The physical end of a row. The one place, beside a purge, where data is destroyed.

use super::delete::Roots;
use crate::audit::{self, Actor, Operation};
use crate::session::{Session, Verb};
use reprieve_core::driver::Discard;
use reprieve_core::error::Result;
use reprieve_core::query::{Delete, Reach, Source, Statement};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use std::sync::Arc;

impl Session {
    /// Removes the row with this key, live or deleted, from the database; returns whether it was there. What
    /// happens to rows that refer to it is the database's matter, as `on_delete` declares it.
    ///
    /// # Errors
    /// When a row that refers to it forbids it (RESTRICT). Nothing is changed then.
    pub async fn remove(&mut self, table: &Arc<Table>, key: &Value, actor: &Actor) -> Result<bool> {
        let at = self.database.inner.clock.now();
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        verb.turn_lives();
        let result = async {
            let row = Source::any(0, table);
            let this = Roots::Key(key.clone()).predicate(&row);
            if table.audit {
                let of = (row.clone(), this.clone());
                audit::record(&mut verb, Operation::Delete, of.0, of.1, Vec::new(), at, actor).await?;
            }
            let mut binds = Vec::new();
            let delete = Statement::Delete(Delete { target: row, filter: this });
            let mut statement = verb.compile(&delete, &mut binds)?.as_ref().clone();
            if !verb.graph.children(table).is_empty() {
                // The database follows foreign keys: one row may take any number along.
                statement.reach = Reach::Set;
            }
            Ok(verb.run(&statement, &binds, &mut Discard).await? > 0)
        }
        .await;
        let result = verb.leave(scope, result).await;
        verb.finish(result)
    }
}
