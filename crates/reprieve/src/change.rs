//! A column and the value it takes, for verbs on many rows.

use crate::column::Column;
use crate::value::{Bound, Sets, Value};
use std::fmt;
use std::marker::PhantomData;

/// A column of `M` and the value it takes: [`Column::to`].
#[must_use = "a change does nothing until a verb has it"]
pub struct Change<M> {
    position: usize,
    value: Bound,
    of: PhantomData<fn() -> M>,
}

impl<M, T: Value> Column<M, T> {
    /// The change that sets the column to this value.
    pub fn to<V: Sets<T>>(self, value: V) -> Change<M> {
        Change { position: self.position(), value: value.operand(), of: PhantomData }
    }
}

impl<M> Change<M> {
    pub(crate) fn into_inner(self) -> (usize, Bound) {
        (self.position, self.value)
    }
}

impl<M> Clone for Change<M> {
    fn clone(&self) -> Self {
        Self { position: self.position, value: self.value.clone(), of: PhantomData }
    }
}

impl<M> fmt::Debug for Change<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}", self.position, self.value)
    }
}
