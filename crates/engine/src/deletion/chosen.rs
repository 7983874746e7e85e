//! Deleting, restoring and removing all rows that a query finds.

use super::delete::{Delete, Roots, marker};
use super::receipt::{Deletion, Restoration};
use super::restore::Restore;
use crate::audit::Actor;
use crate::chosen::Chosen;
use crate::session::{Session, Verb};
use reprieve_core::error::Result;
use reprieve_core::query::Visibility;

impl Session {
    /// Deletes the live rows among them softly, as one deletion.
    ///
    /// # Errors
    /// As [`Session::soft_delete`].
    pub async fn soft_delete_where(
        &mut self,
        rows: &Chosen,
        options: Delete,
        actor: &Actor,
    ) -> Result<Deletion> {
        let roots = Roots::Where(rows.condition_for(Visibility::Live));
        self.soft_delete(rows.table(), roots, options, actor).await
    }

    /// Restores the deleted rows that fulfil the query's filter, whatever rows it sees: live ones have nothing to be
    /// restored. Its page is one of the deleted rows.
    ///
    /// # Errors
    /// As [`Session::restore`].
    pub async fn restore_where(
        &mut self,
        rows: &Chosen,
        options: Restore,
        actor: &Actor,
    ) -> Result<Restoration> {
        let marker = marker(rows.table())?;
        let at = self.database.inner.clock.now();
        let mut done = Restoration::default();
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        verb.turn_lives();
        let result = async {
            // A restore takes several statements, and each row that returns is not found by the query any more.
            let keys = verb.rows(rows.deleted_keys()).await?.into_iter().flatten().collect();
            for roots in Roots::Keys(keys).parts() {
                verb.restore_part(rows.table(), marker, &roots, &options, at, actor, &mut done).await?;
            }
            Ok(())
        }
        .await;
        let result = verb.leave(scope, result).await;
        verb.finish(result.map(|()| done))
    }

    /// Removes them from the database physically; returns how many there were.
    ///
    /// # Errors
    /// When a row that refers to one of them forbids it (RESTRICT). Nothing is changed then.
    pub async fn remove_where(&mut self, rows: &Chosen, actor: &Actor) -> Result<u64> {
        self.remove_rows(&rows.source(), vec![rows.condition()], actor).await
    }
}
