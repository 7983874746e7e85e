//! Soft delete: consumes a live row, gives a deleted one.

use super::options::Asked;
use super::{Deleted, Deletion};
use crate::session::Session;
use crate::value::{Timestamp, Value};
use crate::{Model, Result};
use reprieve_core::driver::BoxFuture;
use reprieve_engine::deletion::Roots;
use std::future::IntoFuture;

/// Models whose rows can be deleted and taken back: `#[model(soft_delete)]`. Their verbs are those of [`Model`] that ask for it.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot be deleted softly",
    label = "no soft delete",
    note = "add `soft_delete` to the model's attribute: `#[model(table = \"…\", soft_delete)]`"
)]
pub trait SoftDelete: Model {
    /// Puts the marker into the struct's own `deleted_at` field, when it declares one.
    #[doc(hidden)]
    fn mark(&mut self, at: Option<Timestamp>);
}

/// A soft delete that begins when it is awaited.
#[derive(Debug)]
#[must_use = "the row is deleted when this is awaited"]
pub struct SoftDeleting<'s, M> {
    row: M,
    session: &'s mut Session,
    asked: Asked,
}

impl<'s, M> SoftDeleting<'s, M> {
    pub(crate) fn new(row: M, session: &'s mut Session) -> Self {
        Self { row, session, asked: Asked::default() }
    }

    /// Takes children along, as each relation's `on_delete` has it.
    pub fn cascade(mut self) -> Self {
        self.asked.cascade = true;
        self
    }

    /// Says why, for the journal of deletions.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.asked.reason = Some(reason.into());
        self
    }

    /// Says who asked for it, instead of the task's [actor](crate::actor).
    pub fn by(mut self, user: impl ToString) -> Self {
        self.asked.by = Some(user.to_string());
        self
    }
}

impl<'s, M: SoftDelete> IntoFuture for SoftDeleting<'s, M> {
    type Output = Result<Deleted<M>>;
    type IntoFuture = BoxFuture<'s, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<M: SoftDelete> SoftDeleting<'_, M> {
    async fn run(mut self) -> Result<Deleted<M>> {
        let table = M::table()?;
        let actor = self.asked.actor();
        let roots = Roots::Key(self.row.key().to_value());
        let options = self.asked.options();
        let done = self.session.engine().await?.soft_delete(table, roots, options, &actor).await?;
        if !done.marked {
            // Somebody else deleted it before, or it was never stored: what is known of it is read.
            let key = self.row.key().to_value();
            return super::columns::find(self.session, key).await;
        }
        self.row.mark(Some(done.at));
        let Asked { cascade, reason, .. } = self.asked;
        let deletion = Deletion { id: done.id, at: done.at, actor: actor.user_id, reason, cascade };
        Ok(Deleted::new(self.row, deletion))
    }
}
