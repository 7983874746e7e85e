//! What the code that `#[derive(Model)]` writes calls.

use crate::value::{Bound, Value};
use crate::{Model, Result};
use reprieve_core::driver::Row;
use reprieve_core::error::{Error, Kind};

/// Reads the field at this position of a row.
///
/// # Errors
/// When the column holds what the field cannot.
#[inline]
pub fn field<M: Model, T: Value>(row: &dyn Row, position: usize) -> Result<T> {
    column::<M, T>(row, position, position)
}

/// Reads the field at this position of the model from a column of a row.
#[inline]
pub(crate) fn column<M: Model, T: Value>(row: &dyn Row, at: usize, position: usize) -> Result<T> {
    match T::from_cell(row.cell(at)?) {
        Some(value) => Ok(value),
        None => Err(misfit::<M, T>(position, row.cell(at)?.kind())),
    }
}

/// Reads a field from a value that was bound.
///
/// # Errors
/// When the field cannot hold it.
pub fn bound<M: Model, T: Value>(value: &Bound, position: usize) -> Result<T> {
    T::from_cell(crate::value::cell(value)).ok_or_else(|| misfit::<M, T>(position, value.type_name()))
}

#[cold]
fn misfit<M: Model, T>(position: usize, holds: &str) -> Error {
    let name =
        M::table().ok().and_then(|table| table.columns.get(position)).map(|column| column.name.clone());
    let name = name.unwrap_or_default();
    let message = format!(
        "{}.{name} holds {holds}, which its type {} cannot: another program wrote it, or the field has another type now",
        M::NAME,
        std::any::type_name::<T>()
    );
    Error::new(Kind::Database, message).model(M::NAME).field(name)
}
