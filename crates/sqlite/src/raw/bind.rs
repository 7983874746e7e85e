//! Values into a statement. Text and bytes are not copied: the cursor keeps the borrow until it is reset.

use reprieve_core::value::{Date, Time, Value};
use rusqlite::ffi;
use std::ffi::{c_char, c_int};

/// Binds one value.
///
/// # Safety
/// `stmt` is a statement that is not running and that nobody else uses. `value` outlives the binding: until the
/// position is bound again, cleared, or the statement is finalized, the statement is not stepped after `value` is
/// gone.
pub(super) unsafe fn bind(stmt: *mut ffi::sqlite3_stmt, position: c_int, value: &Value) -> c_int {
    // SAFETY: the caller's promise; a position out of range is an error code.
    unsafe {
        match value {
            Value::Null => ffi::sqlite3_bind_null(stmt, position),
            Value::Bool(v) => ffi::sqlite3_bind_int64(stmt, position, i64::from(*v)),
            Value::Int(v) => ffi::sqlite3_bind_int64(stmt, position, *v),
            Value::Float(v) => ffi::sqlite3_bind_double(stmt, position, *v),
            Value::Text(v) | Value::Decimal(v) | Value::Json(v) => {
                text(stmt, position, v.as_bytes(), ffi::SQLITE_STATIC())
            }
            Value::Bytes(v) => bytes(stmt, position, v),
            Value::Uuid(v) => bytes(stmt, position, v),
            Value::Timestamp(v) => {
                let (date, time) = v.parts();
                let mut form = *b"0000-00-00 00:00:00.000000";
                write_date(&mut form[..10], date);
                write_time(&mut form[11..], time);
                text(stmt, position, &form, ffi::SQLITE_TRANSIENT())
            }
            Value::Date(v) => {
                let mut form = *b"0000-00-00";
                write_date(&mut form, *v);
                text(stmt, position, &form, ffi::SQLITE_TRANSIENT())
            }
            Value::Time(v) => {
                let mut form = *b"00:00:00.000000";
                write_time(&mut form, *v);
                text(stmt, position, &form, ffi::SQLITE_TRANSIENT())
            }
            _ => ffi::SQLITE_MISMATCH,
        }
    }
}

/// # Safety
/// As [`bind`]; with SQLITE_STATIC `value` stays where it is while it is bound.
unsafe fn text(
    stmt: *mut ffi::sqlite3_stmt,
    position: c_int,
    value: &[u8],
    lifetime: ffi::sqlite3_destructor_type,
) -> c_int {
    let (start, length) = (value.as_ptr().cast::<c_char>(), value.len() as u64);
    // SAFETY: `start` and `length` are those of a slice (a dangling start has length 0 and is not read); the rest is
    // the caller's promise.
    unsafe { ffi::sqlite3_bind_text64(stmt, position, start, length, lifetime, ffi::SQLITE_UTF8 as u8) }
}

/// # Safety
/// As [`bind`].
unsafe fn bytes(stmt: *mut ffi::sqlite3_stmt, position: c_int, value: &[u8]) -> c_int {
    // SAFETY: as in `text`. An empty slice has a dangling, non-null start, so that it is an empty blob and not NULL.
    unsafe {
        ffi::sqlite3_bind_blob64(
            stmt,
            position,
            value.as_ptr().cast(),
            value.len() as u64,
            ffi::SQLITE_STATIC(),
        )
    }
}

fn two(into: &mut [u8], number: u8) {
    into[0] = b'0' + number / 10 % 10;
    into[1] = b'0' + number % 10;
}

fn write_date(into: &mut [u8], date: Date) {
    if date.year > 9999 {
        // Never stored, but compared with: it comes after every date.
        return into.copy_from_slice(b"9999-99-99");
    }
    two(&mut into[0..2], (date.year / 100) as u8);
    two(&mut into[2..4], (date.year % 100) as u8);
    two(&mut into[5..7], date.month);
    two(&mut into[8..10], date.day);
}

fn write_time(into: &mut [u8], time: Time) {
    two(&mut into[0..2], time.hour);
    two(&mut into[3..5], time.minute);
    two(&mut into[6..8], time.second);
    two(&mut into[9..11], (time.microsecond / 10_000) as u8);
    two(&mut into[11..13], (time.microsecond / 100 % 100) as u8);
    two(&mut into[13..15], (time.microsecond % 100) as u8);
}

/// The bytes a statement carries, roughly: what a write has to copy.
pub(crate) fn size(binds: &[Value]) -> usize {
    let of = |value: &Value| match value {
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => v.len(),
        Value::Bytes(v) => v.len(),
        _ => 16,
    };
    binds.iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::value::Timestamp;

    #[test]
    fn the_text_forms_are_those_of_the_core() {
        for us in [0, -1, 1_761_129_000_123_456, -62_135_596_800_000_000, 253_402_300_799_999_999] {
            let instant = Timestamp::from_microseconds(us);
            let (date, time) = instant.parts();
            let mut form = *b"0000-00-00 00:00:00.000000";
            write_date(&mut form[..10], date);
            write_time(&mut form[11..], time);
            assert_eq!(str::from_utf8(&form).unwrap(), instant.to_string());
        }
    }
}
