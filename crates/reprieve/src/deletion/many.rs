//! Soft delete and restore of all rows that a query finds.

use super::SoftDelete;
use super::options::Asked;
use crate::query::{Live, OnlyDeleted, Query};
use crate::session::Session;
use crate::{Result, actor};
use reprieve_core::driver::BoxFuture;
use reprieve_engine::deletion::{Deletion as Receipt, Restoration, Restore as Options};
use std::future::IntoFuture;

/// A soft delete of all rows that a query finds; it begins when it is awaited.
#[derive(Debug)]
#[must_use = "the rows are deleted when this is awaited"]
pub struct SoftDeletingAll<'s, M: SoftDelete> {
    query: Query<M, Live>,
    session: &'s mut Session,
    asked: Asked,
}

impl<'s, M: SoftDelete> SoftDeletingAll<'s, M> {
    pub(crate) fn new(query: Query<M, Live>, session: &'s mut Session) -> Self {
        Self { query, session, asked: Asked::default() }
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

impl<'s, M: SoftDelete> IntoFuture for SoftDeletingAll<'s, M> {
    type Output = Result<Receipt>;
    type IntoFuture = BoxFuture<'s, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (rows, actor) = (self.query.chosen()?, self.asked.actor());
            let engine = self.session.engine().await?;
            engine.soft_delete_where(&rows, self.asked.options(), &actor).await
        })
    }
}

/// A restore of all rows that a query finds; it begins when it is awaited.
#[derive(Debug)]
#[must_use = "the rows are restored when this is awaited"]
pub struct RestoringAll<'s, M: SoftDelete> {
    query: Query<M, OnlyDeleted>,
    session: &'s mut Session,
    options: Options,
}

impl<'s, M: SoftDelete> RestoringAll<'s, M> {
    pub(crate) fn new(query: Query<M, OnlyDeleted>, session: &'s mut Session) -> Self {
        Self { query, session, options: Options::default() }
    }

    /// Restores all that was deleted together with each of them.
    pub fn cascade(mut self) -> Self {
        self.options.cascade = true;
        self
    }

    /// Restores deleted parents too, each alone, instead of refusing.
    pub fn ancestors(mut self) -> Self {
        self.options.ancestors = true;
        self
    }
}

impl<'s, M: SoftDelete> IntoFuture for RestoringAll<'s, M> {
    type Output = Result<Restoration>;
    type IntoFuture = BoxFuture<'s, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let rows = self.query.chosen()?;
            self.session.engine().await?.restore_where(&rows, self.options, &actor::current()).await
        })
    }
}
