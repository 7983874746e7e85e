//! Where rows go on their way from the driver's buffer into structs.

use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_engine::PlanSink;

/// Makes something of each row, in order.
pub(crate) struct Collect<T, F> {
    rows: Vec<T>,
    read: F,
    /// Rows of statements that are done.
    kept: usize,
}

impl<T, F: Fn(&dyn Row) -> Result<T>> Collect<T, F> {
    pub(crate) fn new(read: F) -> Self {
        Self { rows: Vec::new(), read, kept: 0 }
    }

    pub(crate) fn take(self) -> Vec<T> {
        self.rows
    }
}

impl<T: Send, F: Fn(&dyn Row) -> Result<T> + Send> RowSink for Collect<T, F> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        self.rows.push((self.read)(row)?);
        Ok(())
    }

    fn restart(&mut self) {
        self.rows.truncate(self.kept);
    }
}

impl<T: Send, F: Fn(&dyn Row) -> Result<T> + Send> PlanSink for Collect<T, F> {
    fn keep(&mut self) {
        self.kept = self.rows.len();
    }
}

/// Makes something of a row, of the last one when there are several.
pub(crate) struct Last<T, F> {
    row: Option<T>,
    read: F,
}

impl<T, F: Fn(&dyn Row) -> Result<T>> Last<T, F> {
    pub(crate) fn new(read: F) -> Self {
        Self { row: None, read }
    }

    pub(crate) fn take(self) -> Option<T> {
        self.row
    }
}

impl<T: Send, F: Fn(&dyn Row) -> Result<T> + Send> RowSink for Last<T, F> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        self.row = Some((self.read)(row)?);
        Ok(())
    }

    fn restart(&mut self) {
        self.row = None;
    }
}
