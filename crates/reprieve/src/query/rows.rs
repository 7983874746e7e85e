//! The rows of a model that fulfil some conditions.

use super::sink::Collect;
use super::view::{Live, View};
use crate::filter::Filter;
use crate::order::Order;
use crate::relation::{Append, Includes, Relates};
use crate::session::Session;
use crate::value::Value;
use crate::{Model, Result};
use reprieve_core::query::{self, Expr, Predicate, Select, Source};
use std::fmt;
use std::marker::PhantomData;

/// The rows of `M` that fulfil some conditions, seen as `V` has it: see [`View`].
///
/// Made by [`Model::filter`], [`Model::all`], [`Model::only_deleted`] and
/// [`Model::with_deleted`]; run by `all`, `first`, `count`, `exists`. `I` are the
/// [relations](crate::relation) that come with the rows: see [`Query::include`].
#[must_use = "a query does nothing until it is run"]
pub struct Query<M, V = Live, I = ()> {
    pub(crate) filter: Predicate,
    pub(crate) order: Vec<query::Order>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    includes: I,
    of: PhantomData<fn() -> (M, V)>,
}

impl<M, V, I: Clone> Clone for Query<M, V, I> {
    fn clone(&self) -> Self {
        Self {
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: self.limit,
            offset: self.offset,
            includes: self.includes.clone(),
            of: PhantomData,
        }
    }
}

impl<M: Model, V, I> fmt::Debug for Query<M, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("model", &M::NAME)
            .field("filter", &self.filter)
            .field("order", &self.order)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl<M: Model, V: View<M>> Query<M, V> {
    pub(crate) fn new() -> Self {
        Self::with(Predicate::True, Vec::new(), ())
    }
}

impl<M: Model, V: View<M>, I: Includes<M, V>> Query<M, V, I> {
    pub(crate) fn with(filter: Predicate, order: Vec<query::Order>, includes: I) -> Self {
        Self { filter, order, limit: None, offset: 0, includes, of: PhantomData }
    }

    /// Narrows it to the rows that also fulfil this.
    pub fn filter(mut self, filter: Filter<M>) -> Self {
        self.filter = self.filter.and(filter.into_predicate());
        self
    }

    /// Adds a term to the order.
    pub fn order_by(mut self, order: Order<M>) -> Self {
        self.order.push(order.term);
        self
    }

    /// At most this many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// After leaving out this many rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self
    }

    /// Loads a relation with the rows: each `R` becomes `(R, …)`, and each further relation is appended. One statement for
    /// each relation, whatever the number of rows; outside a transaction each sees what is committed when it runs. See
    /// [`relation`](crate::relation).
    pub fn include<R: Relates<M>>(self, relation: R) -> Query<M, V, I::Out>
    where
        I: Append<R>,
    {
        let Self { filter, order, limit, offset, includes, .. } = self;
        Query { filter, order, limit, offset, includes: includes.append(relation), of: PhantomData }
    }

    pub(crate) fn source() -> Result<Source> {
        Ok(Source::new(0, M::table()?, V::VISIBILITY))
    }

    /// The statement, with these columns.
    pub(crate) fn narrow(&self, select: Select) -> Select {
        let mut select = select.filter(self.filter.clone());
        select.order = self.order.clone();
        select.limit = self.limit;
        select.offset = self.offset;
        if select.limit.is_some() || select.offset > 0 {
            // Pages would overlap without an order of all rows.
            select.order_all();
        }
        select
    }

    /// The rows.
    ///
    /// # Errors
    /// When the database refuses, or a column holds what its field cannot.
    pub async fn all(self, session: &mut Session) -> Result<Vec<I::Row>> {
        let select = self.narrow(V::select(Self::source()?));
        let mut rows = Collect::new(V::read);
        session.engine().await?.select(select, &mut rows).await?;
        self.with_related(rows.take(), session).await
    }

    /// Rows with what comes with them.
    pub(crate) async fn with_related(&self, rows: Vec<V::Row>, session: &mut Session) -> Result<Vec<I::Row>> {
        self.includes.load(rows, session).await
    }

    /// The first row, by the order or else by key, or `None`.
    ///
    /// # Errors
    /// As [`Query::all`].
    pub async fn first(self, session: &mut Session) -> Result<Option<I::Row>> {
        let limit = self.limit.map_or(1, |limit| limit.min(1));
        Ok(self.limit(limit).all(session).await?.pop())
    }

    /// How many rows there are, of those that limit and offset leave.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count(self, session: &mut Session) -> Result<u64> {
        let select = Select::columns(Self::source()?, vec![Expr::Count]).filter(self.filter);
        let mut count = Collect::new(|row| Ok(i64::from_cell(row.cell(0)?)));
        session.engine().await?.select(select, &mut count).await?;
        let rows = count.take().pop().flatten().unwrap_or(0);
        let rows = u64::try_from(rows).unwrap_or(0).saturating_sub(self.offset);
        Ok(self.limit.map_or(rows, |limit| rows.min(limit)))
    }

    /// Whether there is any row.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn exists(self, session: &mut Session) -> Result<bool> {
        if self.limit == Some(0) {
            return Ok(false);
        }
        let source = Self::source()?;
        let key = source.key();
        let mut select = Select::columns(source, vec![key]).filter(self.filter).limit(1);
        select.offset = self.offset;
        let mut found = Collect::new(|_| Ok(()));
        session.engine().await?.select(select, &mut found).await?;
        Ok(!found.take().is_empty())
    }
}
