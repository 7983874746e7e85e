//! Takes one number.

use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::value::Cell;

/// The integer in the first column of the last row; `None` without a row.
#[derive(Default)]
pub struct Scalar(pub Option<i64>);

impl RowSink for Scalar {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        self.0 = match row.cell(0)? {
            Cell::Int(v) => Some(v),
            _ => None,
        };
        Ok(())
    }

    fn restart(&mut self) {
        self.0 = None;
    }
}
