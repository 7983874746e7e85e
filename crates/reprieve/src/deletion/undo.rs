//! Undo: the exact inverse of one deletion.

use super::Deletion;
use crate::session::Session;
use crate::{Result, actor};
use reprieve_engine::deletion::Restoration;
use uuid::Uuid;

impl Session {
    /// Undoes a deletion by its id: every row that it still holds is live again, and references that it cleared are back,
    /// unless they were changed since.
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) when there is no such deletion,
    /// [`Error::is_restore_conflict`](crate::Error::is_restore_conflict) when a live row took a unique key. Nothing is
    /// changed then.
    pub async fn undo(&mut self, deletion: Uuid) -> Result<Restoration> {
        self.engine().await?.undo(deletion, &actor::current()).await
    }
}

impl Deletion {
    /// Undoes it: [`Session::undo`].
    ///
    /// # Errors
    /// As [`Session::undo`].
    pub async fn undo(&self, session: &mut Session) -> Result<Restoration> {
        session.undo(self.id).await
    }
}
