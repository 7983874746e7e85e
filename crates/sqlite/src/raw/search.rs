//! `reprieve_contains(text, pattern)` and `reprieve_starts(text, pattern)`: `instr` compares the whole pattern at each
//! place, which for long patterns in long texts is a second a row, and no budget can interrupt a call of it.

use super::functions::may_read;
use super::{Connection, Failure};
use reprieve_core::sql::{CONTAINS_FUNCTION, STARTS_FUNCTION};
use rusqlite::ffi;
use std::ffi::{CString, c_int};

type Function = unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int, *mut *mut ffi::sqlite3_value);

impl Connection {
    /// Registers the functions. Before any statement is prepared.
    pub(super) fn register_search(&mut self) -> Result<(), Failure> {
        for (name, function) in [(CONTAINS_FUNCTION, contains as Function), (STARTS_FUNCTION, starts)] {
            let name = CString::new(name).map_err(|error| Failure::refused(error.to_string()))?;
            let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
            // SAFETY: the handle is open and ours; the name is NUL-terminated and copied by SQLite; the callback is a
            // static function that needs no destructor, and its state outlives the handle.
            let code = unsafe {
                ffi::sqlite3_create_function_v2(
                    self.handle(),
                    name.as_ptr(),
                    2,
                    flags,
                    self.user_data(),
                    Some(function),
                    None,
                    None,
                    None,
                )
            };
            if code != ffi::SQLITE_OK {
                return Err(Failure::of(code));
            }
        }
        Ok(())
    }
}

unsafe extern "C" fn contains(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: as SQLite calls it.
    unsafe { answer(context, count, values, |text, pattern| memchr::memmem::find(text, pattern).is_some()) }
}

unsafe extern "C" fn starts(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    // SAFETY: as SQLite calls it.
    unsafe { answer(context, count, values, <[u8]>::starts_with) }
}

/// NULL for NULL; anything else as text, as `instr` sees it.
///
/// # Safety
/// The arguments are those of a call by SQLite of a function that was registered for two.
unsafe fn answer(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
    ask: impl Fn(&[u8], &[u8]) -> bool,
) {
    debug_assert_eq!(count, 2, "registered for two arguments");
    // SAFETY: SQLite passes as many values as the function was registered for, two, valid during the call; they are
    // values of their own, so that converting one leaves the other where it is.
    unsafe {
        let (text, pattern) = (*values, *values.add(1));
        if ffi::sqlite3_value_type(text) == ffi::SQLITE_NULL
            || ffi::sqlite3_value_type(pattern) == ffi::SQLITE_NULL
        {
            return;
        }
        match (bytes(text), bytes(pattern)) {
            (Some(text), Some(pattern)) => {
                if !may_read(context, text.len().saturating_add(pattern.len())) {
                    return;
                }
                ffi::sqlite3_result_int(context, c_int::from(ask(text, pattern)));
            }
            _ => ffi::sqlite3_result_error_nomem(context),
        }
    }
}

/// The bytes of a value as text.
///
/// # Safety
/// The value is an argument of the call under way; the slice is not used after it.
unsafe fn bytes<'a>(value: *mut ffi::sqlite3_value) -> Option<&'a [u8]> {
    // SAFETY: the text and its length are asked for in the order the manual demands; they stay until the value is
    // converted again, or the call ends.
    unsafe {
        let start = ffi::sqlite3_value_text(value);
        let length = usize::try_from(ffi::sqlite3_value_bytes(value)).unwrap_or(0);
        (!start.is_null()).then(|| std::slice::from_raw_parts(start, length))
    }
}
