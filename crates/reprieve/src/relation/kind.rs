//! The kinds of relations: how rows belong together, and what a row gets of those that belong to it.

use super::links::Through;
use crate::value::{Bound, Value};
use crate::{Model, Result};
use reprieve_core::query::{RelationPath, Via};
use std::fmt;
use std::marker::PhantomData;

/// How rows of `T` belong to a row of `M`: [`Reference`], [`Children`], [`Child`], [`Linked`].
pub trait Kind<M: Model, T: Model>: sealed::Sealed + Clone + Send + Sync + 'static {
    /// What a row gets of the rows `R` that belong to it.
    type Loaded<R: Send>: Send;
    /// The type of the keys by which they are found.
    #[doc(hidden)]
    type Key: Value;
    /// Whether a row of `T` can belong to several keys.
    #[doc(hidden)]
    const SHARED: bool = false;

    /// The way from key to rows.
    #[doc(hidden)]
    fn path(&self) -> Result<RelationPath>;

    /// The key of a row.
    #[doc(hidden)]
    fn key(&self, owner: &M) -> Bound {
        owner.key().to_value()
    }

    /// What a row gets.
    #[doc(hidden)]
    fn gather<R: Send>(rows: impl Iterator<Item = R>) -> Self::Loaded<R>;
}

/// A reference of the row's own leads to the other: [`ToOne`](super::ToOne).
#[derive(Debug, Clone, Copy)]
pub struct Reference {
    pub(super) field: usize,
}

/// References of other rows lead to the row: [`ToMany`](super::ToMany).
#[derive(Debug, Clone, Copy)]
pub struct Children {
    pub(super) field: usize,
}

/// A reference of one other row leads to the row: [`HasOne`](super::HasOne).
#[derive(Debug, Clone, Copy)]
pub struct Child {
    pub(super) field: usize,
}

/// The rows of `L` name both: [`ManyToMany`](super::ManyToMany).
pub struct Linked<L> {
    pub(super) near: usize,
    pub(super) far: usize,
    pub(super) of: PhantomData<fn() -> L>,
}

impl<M: Model, T: Model> Kind<M, T> for Reference {
    type Loaded<R: Send> = Option<R>;
    type Key = T::Key;

    fn path(&self) -> Result<RelationPath> {
        Ok(RelationPath { target: T::table()?.clone(), via: Via::Column(T::KEY) })
    }

    fn key(&self, owner: &M) -> Bound {
        owner.value(self.field)
    }

    fn gather<R: Send>(mut rows: impl Iterator<Item = R>) -> Option<R> {
        rows.next()
    }
}

impl<M: Model, T: Model> Kind<M, T> for Children {
    type Loaded<R: Send> = Vec<R>;
    type Key = M::Key;

    fn path(&self) -> Result<RelationPath> {
        Ok(RelationPath { target: T::table()?.clone(), via: Via::Column(self.field) })
    }

    fn gather<R: Send>(rows: impl Iterator<Item = R>) -> Vec<R> {
        rows.collect()
    }
}

impl<M: Model, T: Model> Kind<M, T> for Child {
    type Loaded<R: Send> = Option<R>;
    type Key = M::Key;

    fn path(&self) -> Result<RelationPath> {
        Ok(RelationPath { target: T::table()?.clone(), via: Via::Column(self.field) })
    }

    fn gather<R: Send>(mut rows: impl Iterator<Item = R>) -> Option<R> {
        rows.next()
    }
}

impl<M: Model, T: Model, L: Through> Kind<M, T> for Linked<L> {
    type Loaded<R: Send> = Vec<R>;
    type Key = M::Key;
    const SHARED: bool = true;

    fn path(&self) -> Result<RelationPath> {
        let via = Via::Links { table: L::links()?.clone(), near: self.near, far: self.far };
        Ok(RelationPath { target: T::table()?.clone(), via })
    }

    fn gather<R: Send>(rows: impl Iterator<Item = R>) -> Vec<R> {
        rows.collect()
    }
}

impl<L> Clone for Linked<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Linked<L> {}

impl<L> fmt::Debug for Linked<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linked").field("near", &self.near).field("far", &self.far).finish()
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Reference {}
    impl Sealed for super::Children {}
    impl Sealed for super::Child {}
    impl<L> Sealed for super::Linked<L> {}
}
