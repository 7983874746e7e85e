//! A query for some columns.

use super::structs::As;
use super::{Projection, Selection};
use crate::query::sink::Collect;
use crate::query::{Query, View};
use crate::session::Session;
use crate::{Model, Result};
use reprieve_core::query::Select;
use std::fmt;

/// A query for some columns of its rows: [`Query::select`].
#[must_use = "a query does nothing until it is run"]
pub struct Selected<M, V, S> {
    query: Query<M, V>,
    selection: S,
}

impl<M: Model, V: View<M>> Query<M, V> {
    /// Reads a column, or a tuple of columns, instead of whole rows. See [`projection`](crate::projection).
    pub fn select<S: Selection<M>>(self, selection: S) -> Selected<M, V, S> {
        Selected { query: self, selection }
    }

    /// Reads structs of some fields instead of whole rows. See [`Projection`].
    pub fn select_as<P: Projection<Model = M>>(self) -> Selected<M, V, As<P>> {
        Selected { query: self, selection: As::new() }
    }
}

impl<M: Model, V: View<M>, S: Selection<M>> Selected<M, V, S> {
    /// What is read of each row.
    ///
    /// # Errors
    /// When the database refuses, or a column holds what its field cannot.
    pub async fn all(self, session: &mut Session) -> Result<Vec<S::Row>> {
        let source = Query::<M, V>::source()?;
        let columns = self.selection.columns().into_iter().map(|position| source.column(position)).collect();
        let select = self.query.narrow(Select::columns(source, columns));
        let mut rows = Collect::new(|row| self.selection.read(row));
        session.engine().await?.select(select, &mut rows).await?;
        Ok(rows.take())
    }

    /// What is read of the first row, by the order or else by key, or `None`.
    ///
    /// # Errors
    /// As [`Selected::all`].
    pub async fn first(self, session: &mut Session) -> Result<Option<S::Row>> {
        let limit = self.query.limit.map_or(1, |limit| limit.min(1));
        let Self { query, selection } = self;
        Ok(Self { query: query.limit(limit), selection }.all(session).await?.pop())
    }
}

impl<M, V, S: Clone> Clone for Selected<M, V, S> {
    fn clone(&self) -> Self {
        Self { query: self.query.clone(), selection: self.selection.clone() }
    }
}

impl<M: Model, V, S: fmt::Debug> fmt::Debug for Selected<M, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selected").field("query", &self.query).field("selection", &self.selection).finish()
    }
}
