//! Cursors: a place in the order of a SELECT, as text that a client keeps and gives back.
//!
//! The text holds the values of the order's terms and a check over them, the table and the order, so that one that was
//! cut, changed, or given out for another list is refused. It is no secret and no permission: who can read a list can
//! ask for any part of it, and nothing in a cursor changes what is asked but the place.

mod base64;
mod bytes;

use super::{Expr, Select};
use crate::error::{Error, Kind, Result};
use crate::schema::{Column, ColumnType};
use crate::types::values;
use crate::value::{Cell, Value};
pub(crate) use bytes::{Reader, measured};

/// A cursor for the place behind a row with these values of the terms of the order.
pub fn write_cursor(select: &Select, place: &[Value]) -> String {
    let mut bytes = vec![VERSION];
    place.iter().for_each(|value| values::write(value, &mut bytes));
    sign(select, bytes)
}

fn sign(select: &Select, mut bytes: Vec<u8>) -> String {
    let check = check(select, &bytes);
    bytes.extend_from_slice(&check.to_le_bytes());
    base64::write(&bytes)
}

/// A cursor with a check that holds, for the fuzz targets: what a client could make that knows how.
#[cfg(fuzzing)]
pub fn forge_cursor(select: &Select, values: &[u8]) -> String {
    sign(select, [&[VERSION], values].concat())
}

/// The place that a cursor stands for.
///
/// # Errors
/// [`Kind::InvalidValue`] for a text that is no cursor of a list of this table in this order.
pub fn read_cursor(select: &Select, text: &str) -> Result<Vec<Value>> {
    read(select, text).ok_or_else(|| {
        Error::new(
            Kind::InvalidValue,
            format!(
                "the cursor was not given out for this list of {} in this order: pass the next_cursor of the page \
                 before as it is, or none for the first page",
                select.from.table.model
            ),
        )
        .model(&select.from.table.model)
        .field("cursor")
    })
}

/// The columns that rows are ordered by.
///
/// # Errors
/// [`Kind::InvalidValue`] for documents and lists, which have no order.
pub fn order_columns(select: &Select) -> Result<Vec<&Column>> {
    select.order.iter().map(|term| column(select, &term.by)).collect()
}

fn column<'a>(select: &'a Select, by: &Expr) -> Result<&'a Column> {
    let table = &select.from.table;
    let column = match by {
        Expr::Column { source, position } if *source == select.from.id => &table.columns[*position],
        _ => return Err(Error::new(Kind::Internal, "A list is ordered by no column: please report this")),
    };
    if !column.kind().description().ordered {
        let message = format!(
            "{}.{} holds documents, which have no order to read on in: order by another field",
            table.model, column.name
        );
        return Err(Error::new(Kind::InvalidValue, message).model(&table.model).field(&column.name));
    }
    Ok(column)
}

/// A cell of a column that rows are ordered by, as a value that compares with the column as the row itself does.
///
/// That is the value of the column's type, unless another program wrote it in a form of its own: an instant without
/// its fraction is the same instant, but another text, and on a database without the type texts are compared.
pub fn place_value(kind: &ColumnType, cell: Cell<'_>) -> Value {
    let value = kind.decode(cell).unwrap_or_else(|| cell.to_value());
    match cell {
        Cell::Text(stored)
            if kind.description().varying_text && values::key_text(&value).as_deref() != Some(stored) =>
        {
            cell.to_value()
        }
        _ => value,
    }
}

fn fits(column: &Column, value: &Value) -> bool {
    match (column.kind(), value) {
        (_, Value::Null) => column.nullable,
        (kind, Value::Text(text)) if kind.description().varying_text => {
            kind.decode(Cell::Text(text)).is_some()
        }
        (kind, value) => kind.accepts(value),
    }
}

const VERSION: u8 = 1;
const CHECK: usize = size_of::<u64>();

fn read(select: &Select, text: &str) -> Option<Vec<Value>> {
    let bytes = base64::read(text)?;
    let (body, given) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
    if u64::from_le_bytes(given.try_into().ok()?) != check(select, body) {
        return None;
    }
    let mut reader = Reader::new(body.strip_prefix(&[VERSION])?);
    let columns = order_columns(select).ok()?;
    let place: Option<Vec<Value>> = columns
        .iter()
        .map(|column| {
            let value = values::read(&mut reader)?;
            fits(column, &value).then_some(value)
        })
        .collect();
    place.filter(|_| reader.is_empty())
}

/// FNV-1a, 64 bits, over what the cursor belongs to and what it holds. Names end with a byte that no text has.
///
/// Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn check(select: &Select, body: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let table = &select.from.table;
    add(table.name.as_bytes());
    for term in &select.order {
        if let Expr::Column { position, .. } = term.by {
            add(&[0xff, term.descending.into()]);
            add(table.columns[position].name.as_bytes());
        }
    }
    add(&[0xff]);
    add(body);
    hash
}
