//! Restore: consumes a deleted row, gives a live one.

use super::SoftDelete;
use crate::session::Session;
use crate::value::Value;
use crate::{Result, actor, get};
use reprieve_core::driver::BoxFuture;
use reprieve_core::error::{Error, Kind};
use reprieve_engine::deletion::{Restore as Options, Roots};
use std::future::IntoFuture;

/// A restore that begins when it is awaited.
#[derive(Debug)]
#[must_use = "the row is restored when this is awaited"]
pub struct Restore<'s, M> {
    row: M,
    session: &'s mut Session,
    options: Options,
}

impl<'s, M> Restore<'s, M> {
    pub(crate) fn new(row: M, session: &'s mut Session) -> Self {
        Self { row, session, options: Options::default() }
    }

    /// Restores all that was deleted together with it: the exact inverse of its deletion.
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

impl<'s, M: SoftDelete> IntoFuture for Restore<'s, M> {
    type Output = Result<M>;
    type IntoFuture = BoxFuture<'s, Self::Output>;

    /// # Errors
    /// [`Error::is_restore_conflict`] when a live row took a unique key, or a parent was deleted by a cascade.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<M: SoftDelete> Restore<'_, M> {
    async fn run(self) -> Result<M> {
        let table = M::table()?;
        let key = self.row.key().to_value();
        let mut scope = self.session.begin().await?;
        let roots = Roots::Key(key.clone());
        scope.engine().await?.restore(table, roots, self.options, &actor::current()).await?;
        // It is read again: other programs may have changed it since, and a cascade puts references back.
        let Some(row) = get::one(&mut scope, key.clone()).await? else {
            // Undoes what was restored beside it.
            scope.rollback().await?;
            return Err(still_deleted::<M>(&crate::value::shown(&key)));
        };
        scope.keep().await?;
        Ok(row)
    }
}

fn still_deleted<M: SoftDelete>(key: &str) -> Error {
    Error::new(
        Kind::RestoreConflict,
        format!(
            "{} {key} cannot be restored: it was removed meanwhile, or its parent is held by another deletion. Restore \
             the parent first",
            M::NAME
        ),
    )
    .detail(format!("{} cannot be restored now", M::NAME))
    .model(M::NAME)
    .value(key)
}
