//! Rows as a sink sees them.

use crate::cell::Form;
use reprieve_core::driver::Row;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::value::Cell;
use std::ops::Range;
use tokio_postgres::Column;
use tokio_postgres::types::{FromSql, Type};

/// How the rows of a statement are read.
#[derive(Debug)]
pub(crate) struct Reader {
    forms: Vec<Form>,
    /// Whether a column is written beside the row.
    writes: bool,
}

impl Reader {
    pub(crate) fn new(columns: &[Column]) -> Self {
        let forms: Vec<Form> = columns.iter().map(|column| Form::of(column.type_())).collect();
        Self { writes: forms.iter().any(Form::is_written), forms }
    }
}

/// What is written beside the rows of a statement: values that the server sends in a form of its own.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    text: String,
    ranges: Vec<Range<usize>>,
}

impl Beside {
    /// Writes what this row needs.
    pub(crate) fn fill(&mut self, row: &tokio_postgres::Row, reader: &Reader) -> Result<()> {
        if !reader.writes {
            return Ok(());
        }
        self.text.clear();
        self.ranges.clear();
        for (position, form) in reader.forms.iter().enumerate() {
            let start = self.text.len();
            if let (true, Some(bytes)) = (form.is_written(), bytes(row, position)) {
                form.write(bytes, &mut self.text).ok_or_else(|| unreadable(row, position))?;
            }
            self.ranges.push(start..self.text.len());
        }
        Ok(())
    }
}

/// A row in the driver's buffer.
pub(crate) struct BufferedRow<'a> {
    pub(crate) row: &'a tokio_postgres::Row,
    pub(crate) reader: &'a Reader,
    pub(crate) beside: &'a Beside,
}

impl Row for BufferedRow<'_> {
    fn cell(&self, position: usize) -> Result<Cell<'_>> {
        let Some(form) = self.reader.forms.get(position) else {
            return Err(Error::new(Kind::Internal, format!("the row has no column {position}")));
        };
        let Some(bytes) = bytes(self.row, position) else { return Ok(Cell::Null) };
        if form.is_written() {
            return Ok(Cell::Text(&self.beside.text[self.beside.ranges[position].clone()]));
        }
        form.cell(bytes).ok_or_else(|| unreadable(self.row, position))
    }
}

fn bytes(row: &tokio_postgres::Row, position: usize) -> Option<&[u8]> {
    row.try_get::<_, Raw<'_>>(position).ok()?.0
}

#[cold]
fn unreadable(row: &tokio_postgres::Row, position: usize) -> Error {
    let column = &row.columns()[position];
    Error::new(
        Kind::Database,
        format!(
            "the column \"{}\" has the type {}, which cannot be read: select it as another type, for instance with \
             \"{}\"::text",
            column.name(),
            column.type_().name(),
            column.name()
        ),
    )
    .field(column.name())
}

/// The bytes of a column, whatever its type.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
