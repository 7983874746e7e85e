//! The order of the rows of a query.

use std::fmt;
use std::marker::PhantomData;

/// One term of an order: [`Column::asc`](crate::Column::asc) or [`Column::desc`](crate::Column::desc).
#[must_use = "an order does nothing until a query has it"]
pub struct Order<M> {
    pub(crate) term: reprieve_core::query::Order,
    of: PhantomData<fn() -> M>,
}

impl<M> Order<M> {
    pub(crate) fn new(term: reprieve_core::query::Order) -> Self {
        Self { term, of: PhantomData }
    }
}

impl<M> Clone for Order<M> {
    fn clone(&self) -> Self {
        Self::new(self.term.clone())
    }
}

impl<M> fmt::Debug for Order<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.term.fmt(f)
    }
}
