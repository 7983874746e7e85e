//! Structs of some fields of a model.

use super::Selection;
use crate::value::Value;
use crate::{Column, Model, Result, read};
use reprieve_core::driver::Row;
use std::fmt;
use std::marker::PhantomData;

/// A struct that holds some fields of a model; `#[derive(Projection)]` writes it, and the compiler checks the names and
/// the types. See [`Query::select_as`](crate::Query::select_as).
#[diagnostic::on_unimplemented(
    message = "rows cannot be read into `{Self}`",
    label = "no projection",
    note = "add `#[derive(Projection)]` and `#[projection(model = …)]` to it"
)]
pub trait Projection: Sized + Send + 'static {
    /// The model whose fields it holds.
    type Model: Model;

    /// The positions of the columns, in the order they are read.
    #[doc(hidden)]
    fn columns() -> Vec<usize>;

    /// Reads one row of these columns.
    #[doc(hidden)]
    fn read(row: &dyn Row) -> Result<Self>;
}

/// The selection of a struct: [`Query::select_as`](crate::Query::select_as).
pub struct As<P>(PhantomData<fn() -> P>);

impl<P> As<P> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P> Clone for As<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for As<P> {}

impl<P> fmt::Debug for As<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "As<{}>", std::any::type_name::<P>())
    }
}

impl<P: Projection> Selection<P::Model> for As<P> {
    type Row = P;

    fn columns(&self) -> Vec<usize> {
        P::columns()
    }

    fn read(&self, row: &dyn Row) -> Result<P> {
        P::read(row)
    }
}

/// A field of a projection that takes a column of type `C`: the same type, or `Option` of it.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be read from a column of type `{C}`",
    label = "the model's field has the type `{C}`",
    note = "give it the type of the model's field, `{C}`"
)]
pub trait ReadFrom<C>: Sized {
    /// From the value of the column.
    fn from_column(value: C) -> Self;
}

impl<T: Value> ReadFrom<T> for T {
    fn from_column(value: T) -> Self {
        value
    }
}

impl<T: Value> ReadFrom<T> for Option<T> {
    fn from_column(value: T) -> Self {
        Some(value)
    }
}

/// A column of a projection. For `#[derive(Projection)]`.
#[allow(missing_debug_implementations, reason = "no part of the interface")]
pub struct Field<M, C>(pub Column<M, C>);

impl<M: Model, C: Value> Field<M, C> {
    /// Reads the field, of a type that follows from the struct, from a row.
    ///
    /// # Errors
    /// When the column holds what the field cannot.
    #[inline]
    pub fn read<F: ReadFrom<C>>(self, row: &dyn Row, at: usize) -> Result<F> {
        read::column::<M, C>(row, at, self.0.position()).map(F::from_column)
    }
}
