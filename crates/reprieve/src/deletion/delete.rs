//! The physical end of a row whose model has no soft delete.

use crate::session::Session;
use crate::value::Value;
use crate::{Model, Result, actor};
use std::future::Future;

/// Models whose rows are removed when they are deleted: those without `soft_delete`. Rows of the others are
/// [deleted softly](crate::SoftDelete::soft_delete), and removed by [`Deleted::purge`](crate::Deleted::purge) only.
#[diagnostic::on_unimplemented(
    message = "a live row of `{Self}` cannot be removed at once",
    label = "its model has soft delete",
    note = "call `soft_delete`, and `purge` on the deleted row if it is to go for good"
)]
pub trait Delete: Model {
    /// Removes the row from the database; gives whether it was there.
    ///
    /// # Errors
    /// When a row that refers to it forbids it (RESTRICT). Nothing is changed then.
    fn delete(self, session: &mut Session) -> impl Future<Output = Result<bool>> + Send {
        async move {
            let (table, key) = (Self::table()?, self.key().to_value());
            session.engine().await?.remove(table, &key, &actor::current()).await
        }
    }
}
