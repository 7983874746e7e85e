//! The physical end of rows. The one place, beside a purge, where data is destroyed.

use super::delete::Roots;
use crate::audit::{self, Actor, Operation};
use crate::session::{Session, Verb};
use reprieve_core::driver::Discard;
use reprieve_core::error::Result;
use reprieve_core::query::{Delete, Predicate, Reach, Source, Statement, Visibility};
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
        self.remove_all(table, Roots::Key(key.clone()), actor).await.map(|rows| rows > 0)
    }

    /// Removes the row with this key, if it is still deleted: what was taken from the trash is destroyed there only.
    ///
    /// # Errors
    /// As [`Session::remove`]; [`Kind::Deleted`](reprieve_core::error::Kind::Deleted) when it was restored. A row that is
    /// gone already is none.
    pub async fn purge(&mut self, table: &Arc<Table>, key: &Value, actor: &Actor) -> Result<()> {
        let of = Source::new(0, table, Visibility::Deleted);
        let this = Predicate::equals(of.key(), key.clone());
        if self.remove_rows(&of, vec![this], actor).await? > 0 {
            return Ok(());
        }
        match self.unwritten(&of, key).await? {
            error if error.is_not_found() => Ok(()),
            error => Err(error),
        }
    }

    /// Removes rows, live or deleted; returns how many were there.
    ///
    /// # Errors
    /// As [`Session::remove`].
    pub async fn remove_all(&mut self, table: &Arc<Table>, rows: Roots, actor: &Actor) -> Result<u64> {
        let of = Source::any(0, table);
        let parts = rows.parts().iter().map(|part| part.predicate(&of)).collect();
        self.remove_rows(&of, parts, actor).await
    }

    /// Removes the rows of a source that fulfil one of these, part by part.
    pub(super) async fn remove_rows(
        &mut self,
        of: &Source,
        parts: Vec<Predicate>,
        actor: &Actor,
    ) -> Result<u64> {
        let at = self.database.inner.clock.now();
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        verb.turn_lives();
        let result = async {
            let mut removed = 0;
            for mut these in parts {
                if of.table.audit {
                    these = verb.settled(of, these).await?;
                    let rows = (of.clone(), these.clone());
                    audit::record(&mut verb, Operation::Delete, rows.0, rows.1, Vec::new(), at, actor)
                        .await?;
                }
                let mut binds = Vec::new();
                let delete = Statement::Delete(Delete { target: of.clone(), filter: these });
                let mut statement = verb.compile(&delete, &mut binds)?.as_ref().clone();
                if !verb.graph.children(&of.table).is_empty() {
                    // The database follows foreign keys: one row may take any number along.
                    statement.reach = Reach::Set;
                }
                removed += verb.run(&statement, &binds, &mut Discard).await?;
            }
            Ok(removed)
        }
        .await;
        let result = verb.leave(scope, result).await;
        verb.finish(result)
    }
}
