//! Cells out of the row a statement stands on.

use super::Cursor;
use reprieve_core::driver::Row;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::value::Cell;
use rusqlite::ffi;
use std::ffi::c_int;

impl Row for Cursor<'_> {
    fn cell(&self, position: usize) -> Result<Cell<'_>> {
        let stmt = self.statement();
        let column = c_int::try_from(position).unwrap_or(c_int::MAX);
        // SAFETY: the statement is valid and its connection is borrowed by the cursor; a column out of range, or a
        // statement that is not on a row, reads as NULL. Bytes stay where they are until the next step, which needs
        // `&mut self`: text is asked for as text and bytes as bytes, so that nothing is converted under a borrow.
        unsafe {
            Ok(match ffi::sqlite3_column_type(stmt, column) {
                ffi::SQLITE_INTEGER => Cell::Int(ffi::sqlite3_column_int64(stmt, column)),
                ffi::SQLITE_FLOAT => Cell::Float(ffi::sqlite3_column_double(stmt, column)),
                ffi::SQLITE_TEXT => {
                    let start = ffi::sqlite3_column_text(stmt, column);
                    let bytes = slice(start, ffi::sqlite3_column_bytes(stmt, column))?;
                    Cell::Text(str::from_utf8(bytes).map_err(|e| not_utf8(self, position, e))?)
                }
                ffi::SQLITE_BLOB => {
                    let start = ffi::sqlite3_column_blob(stmt, column);
                    let length = ffi::sqlite3_column_bytes(stmt, column);
                    Cell::Bytes(if length == 0 { &[] } else { slice(start.cast(), length)? })
                }
                _ => Cell::Null,
            })
        }
    }
}

/// # Safety
/// When `start` is not null, `length` bytes from it on are readable for as long as the result is used.
unsafe fn slice<'a>(start: *const u8, length: c_int) -> Result<&'a [u8]> {
    if start.is_null() {
        return Err(Error::new(Kind::Database, "SQLite has no memory left for a value of this row"));
    }
    // SAFETY: the caller's promise; a length is never negative.
    Ok(unsafe { std::slice::from_raw_parts(start, length.unsigned_abs() as usize) })
}

#[cold]
fn not_utf8(cursor: &Cursor<'_>, position: usize, error: std::str::Utf8Error) -> Error {
    let column = cursor.column_name(position);
    let message = format!(
        "the column \"{column}\" holds text that is not UTF-8, written by another program: correct it there, or store it as bytes"
    );
    Error::new(Kind::Database, message).field(column).because(error)
}
