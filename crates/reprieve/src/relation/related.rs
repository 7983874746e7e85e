//! A relation of a model, narrowed and ordered as the caller likes.

use super::include::Append;
use super::kind::{Child, Children, Kind, Linked, Reference};
use super::links::Through;
use super::{Includes, RefersTo, Relates};
use crate::deletion::SoftDelete;
use crate::filter::Filter;
use crate::order::Order;
use crate::query::{Live, OnlyDeleted, Query, View, WithDeleted};
use crate::session::Session;
use crate::{Model, Result};
use reprieve_core::driver::BoxFuture;
use reprieve_core::query::{self, Predicate};
use std::fmt;
use std::marker::PhantomData;

/// The rows of `T` that belong to a row of `M`, in the way of `K`: [`ToOne`], [`ToMany`], [`HasOne`], [`ManyToMany`]. See
/// [the module](crate::relation).
///
/// `V` says which rows are seen, as in a [`Query`]; `I` which relations of theirs come with them.
#[must_use = "a relation does nothing until it is included or loaded"]
pub struct Relation<K, M, T, V = Live, I = ()> {
    pub(super) kind: K,
    pub(super) filter: Predicate,
    pub(super) order: Vec<query::Order>,
    pub(super) includes: I,
    of: PhantomData<fn(M) -> (T, V)>,
}

/// The row that a reference leads to, or `None`.
pub type ToOne<M, T, V = Live, I = ()> = Relation<Reference, M, T, V, I>;
/// The rows whose references lead to a row.
pub type ToMany<M, T, V = Live, I = ()> = Relation<Children, M, T, V, I>;
/// The row whose reference leads to a row, or `None`; the first one by order or else by key, when there are several.
pub type HasOne<M, T, V = Live, I = ()> = Relation<Child, M, T, V, I>;
/// The rows that are linked to a row by the [links](super::Links) `L`.
pub type ManyToMany<M, T, L, V = Live, I = ()> = Relation<Linked<L>, M, T, V, I>;

impl<K, M, T> Relation<K, M, T> {
    const fn by(kind: K) -> Self {
        Self { kind, filter: Predicate::True, order: Vec::new(), includes: (), of: PhantomData }
    }
}

/// For `#[derive(Model)]`, as the three that follow.
pub const fn reference<M, T, const FIELD: usize>() -> ToOne<M, T>
where
    M: Model + RefersTo<T, FIELD>,
{
    Relation::by(Reference { field: FIELD })
}

/// By a reference of the children.
pub const fn children<M, T, const FIELD: usize>() -> ToMany<M, T>
where
    T: RefersTo<M, FIELD>,
{
    Relation::by(Children { field: FIELD })
}

/// By a reference of the child.
pub const fn child<M, T, const FIELD: usize>() -> HasOne<M, T>
where
    T: RefersTo<M, FIELD>,
{
    Relation::by(Child { field: FIELD })
}

/// By links with a reference to each.
pub const fn linked<M, T, L, const NEAR: usize, const FAR: usize>() -> ManyToMany<M, T, L>
where
    L: Through + RefersTo<M, NEAR> + RefersTo<T, FAR>,
{
    Relation::by(Linked { near: NEAR, far: FAR, of: PhantomData })
}

impl<K: Kind<M, T>, M: Model, T: Model, V: View<T>, I: Includes<T, V>> Relation<K, M, T, V, I> {
    /// Narrows it to the rows that also fulfil this.
    pub fn filter(mut self, filter: Filter<T>) -> Self {
        self.filter = self.filter.and(filter.into_predicate());
        self
    }

    /// Adds a term to the order of the rows that belong to one row. Without any they come by key.
    pub fn order_by(mut self, order: Order<T>) -> Self {
        self.order.push(order.term);
        self
    }

    /// Loads a relation of its rows with them: each row `R` becomes `(R, …)`.
    pub fn include<R: Relates<T>>(self, relation: R) -> Relation<K, M, T, V, I::Out>
    where
        I: Append<R>,
    {
        let Self { kind, filter, order, includes, .. } = self;
        Relation { kind, filter, order, includes: includes.append(relation), of: PhantomData }
    }

    /// The rows that belong to a row, as a query to be narrowed further.
    pub fn of(self, row: &M) -> Query<T, V, I> {
        let belongs = match (self.kind.path(), Query::<T, V>::source()) {
            (Ok(path), Ok(source)) => path.belongs(&source, self.kind.key(row)),
            // No database holds a model whose declaration is wrong: `connect` says what is.
            _ => Predicate::Or(Vec::new()),
        };
        Query::with(belongs.and(self.filter), self.order, self.includes)
    }
}

impl<K: Kind<M, T>, M: Model, T: Model, V: View<T>, I: Includes<T, V>> Relation<K, M, T, V, I>
where
    I::Row: Clone,
{
    /// What belongs to a row.
    ///
    /// # Errors
    /// When the database refuses, or a column holds what its field cannot.
    pub async fn load(&self, row: &M, session: &mut Session) -> Result<K::Loaded<I::Row>> {
        let key = self.kind.key(row);
        let loaded = super::load::load(self, vec![key], session).await?.pop();
        Ok(loaded.unwrap_or_else(|| K::gather(std::iter::empty())))
    }

    /// What belongs to each of these rows, in their order: one statement, whatever their number.
    ///
    /// # Errors
    /// As [`Relation::load`].
    pub async fn load_each(&self, rows: &[M], session: &mut Session) -> Result<Vec<K::Loaded<I::Row>>> {
        let keys = rows.iter().map(|row| self.kind.key(row)).collect();
        super::load::load(self, keys, session).await
    }
}

impl<K, M, T: Model, I> Relation<K, M, T, Live, I> {
    /// Deleted rows too: each is a [`Record`](crate::Record).
    pub fn with_deleted(self) -> Relation<K, M, T, WithDeleted, I>
    where
        T: SoftDelete,
    {
        self.seen()
    }

    /// Deleted rows only: each is a [`Deleted`](crate::Deleted) one.
    pub fn only_deleted(self) -> Relation<K, M, T, OnlyDeleted, I>
    where
        T: SoftDelete,
    {
        self.seen()
    }

    fn seen<V>(self) -> Relation<K, M, T, V, I> {
        let Self { kind, filter, order, includes, .. } = self;
        Relation { kind, filter, order, includes, of: PhantomData }
    }
}

impl<K: Kind<M, T>, M: Model, T: Model, V: View<T>, I: Includes<T, V>> Relates<M> for Relation<K, M, T, V, I>
where
    I::Row: Clone,
{
    type Loaded = K::Loaded<I::Row>;

    fn key(&self, owner: &M) -> crate::value::Bound {
        self.kind.key(owner)
    }

    fn load_keys<'a>(
        &'a self,
        keys: Vec<crate::value::Bound>,
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<Vec<Self::Loaded>>> {
        Box::pin(super::load::load(self, keys, session))
    }
}

impl<K: Clone, M, T, V, I: Clone> Clone for Relation<K, M, T, V, I> {
    fn clone(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            filter: self.filter.clone(),
            order: self.order.clone(),
            includes: self.includes.clone(),
            of: PhantomData,
        }
    }
}

impl<K: fmt::Debug, M: Model, T: Model, V, I> fmt::Debug for Relation<K, M, T, V, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relation")
            .field("of", &M::NAME)
            .field("to", &T::NAME)
            .field("kind", &self.kind)
            .field("filter", &self.filter)
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}
