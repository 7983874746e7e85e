//! Rows on their way from a driver's buffer into their final form.

use crate::error::Result;
use crate::value::Cell;

/// One row in the driver's buffer.
pub trait Row {
    /// The column at this position. MUST be cheap: a sink asks for each column once.
    ///
    /// # Errors
    /// When the column holds bytes that are not what the database says they are (text that is not UTF-8).
    fn cell(&self, position: usize) -> Result<Cell<'_>>;
}

/// Builds the final form of rows: a Rust struct, a Python object. No row of values lies in between.
pub trait RowSink: Send {
    /// Takes one row. An error ends the statement and becomes its result.
    fn row(&mut self, row: &dyn Row) -> Result<()>;

    /// Forgets every row taken so far: the driver starts the statement again (a read that ran over its budget
    /// on the caller's thread is run again on another one).
    fn restart(&mut self);

    /// Where the names of the columns go, for a sink that wants to know them. A driver MUST fill it before the first
    /// row, and also when there is none.
    fn columns(&mut self) -> Option<&mut Vec<String>> {
        None
    }
}

/// Takes no row: for statements that return none.
#[derive(Debug, Default)]
pub struct Discard;

impl RowSink for Discard {
    fn row(&mut self, _: &dyn Row) -> Result<()> {
        Ok(())
    }

    fn restart(&mut self) {}
}
