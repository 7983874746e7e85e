//! Rows on their way from a blocking thread to the sink: cells in one buffer, text and bytes in two more.

use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::value::Cell;

/// A batch is full at this many rows, or bytes.
const ROWS: usize = 256;
const BYTES: usize = 256 * 1024;

/// Some rows, owned.
#[derive(Debug)]
pub(crate) struct Batch {
    columns: usize,
    cells: Vec<Packed>,
    text: String,
    bytes: Vec<u8>,
    rows: usize,
}

#[derive(Debug, Clone, Copy)]
enum Packed {
    Null,
    Int(i64),
    Float(f64),
    Text(usize, usize),
    Bytes(usize, usize),
}

impl Batch {
    /// For rows of this many columns.
    pub(crate) fn new(columns: usize) -> Self {
        Self { columns, cells: Vec::new(), text: String::new(), bytes: Vec::new(), rows: 0 }
    }

    /// Copies a row.
    pub(crate) fn push(&mut self, row: &dyn Row) -> Result<()> {
        for position in 0..self.columns {
            let packed = match row.cell(position)? {
                Cell::Int(v) => Packed::Int(v),
                Cell::Float(v) => Packed::Float(v),
                Cell::Text(v) => {
                    let start = self.text.len();
                    self.text.push_str(v);
                    Packed::Text(start, self.text.len())
                }
                Cell::Bytes(v) => {
                    let start = self.bytes.len();
                    self.bytes.extend_from_slice(v);
                    Packed::Bytes(start, self.bytes.len())
                }
                // SQLite has no other storage class.
                _ => Packed::Null,
            };
            self.cells.push(packed);
        }
        self.rows += 1;
        Ok(())
    }

    /// Whether it should be sent.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= ROWS || self.text.len() + self.bytes.len() >= BYTES
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Gives one row to a sink.
    pub(crate) fn feed(&self, row: usize, sink: &mut dyn RowSink) -> Result<()> {
        sink.row(&View { batch: self, start: row * self.columns })
    }
}

struct View<'a> {
    batch: &'a Batch,
    start: usize,
}

impl Row for View<'_> {
    fn cell(&self, position: usize) -> Result<Cell<'_>> {
        if position >= self.batch.columns {
            return Ok(Cell::Null);
        }
        Ok(match self.batch.cells[self.start + position] {
            Packed::Null => Cell::Null,
            Packed::Int(v) => Cell::Int(v),
            Packed::Float(v) => Cell::Float(v),
            Packed::Text(start, end) => Cell::Text(&self.batch.text[start..end]),
            Packed::Bytes(start, end) => Cell::Bytes(&self.batch.bytes[start..end]),
        })
    }
}
