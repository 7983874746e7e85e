//! What the compiled statements ask of SQLite beside its own functions: folding of case, and the order of decimals.
//!
//! See [`reprieve_core::sql::Dialect::Sqlite`] for what they are to do; `core` says how.
//! Source: <https://www.sqlite.org/c3ref/create_function.html>, <https://www.sqlite.org/c3ref/create_collation.html>

use super::{Connection, Control, Failure};
use reprieve_core::sql::{DECIMAL_COLLATION, FOLD_FUNCTION, compare_decimals, fold};
use rusqlite::ffi;
use std::cmp::Ordering;
use std::ffi::{CString, c_int, c_void};

impl Connection {
    /// Registers the functions. Before any statement is prepared.
    pub(crate) fn register_functions(&mut self) -> Result<(), Failure> {
        let name = |name: &str| CString::new(name).map_err(|error| Failure::refused(error.to_string()));
        let (function, collation) = (name(FOLD_FUNCTION)?, name(DECIMAL_COLLATION)?);
        let flags = ffi::SQLITE_UTF8 | ffi::SQLITE_DETERMINISTIC | ffi::SQLITE_INNOCUOUS;
        let db = self.handle();
        let control = self.user_data();
        // SAFETY: the handle is open and ours; the names are NUL-terminated and copied by SQLite; the callbacks are
        // static functions that need no destructor, and the state of the first outlives the handle.
        let codes = unsafe {
            [
                ffi::sqlite3_create_function_v2(
                    db,
                    function.as_ptr(),
                    1,
                    flags,
                    control,
                    Some(fold_value),
                    None,
                    None,
                    None,
                ),
                ffi::sqlite3_create_collation_v2(
                    db,
                    collation.as_ptr(),
                    ffi::SQLITE_UTF8,
                    std::ptr::null_mut(),
                    Some(compare),
                    None,
                ),
            ]
        };
        match codes.into_iter().find(|&code| code != ffi::SQLITE_OK) {
            None => self.register_search(),
            Some(code) => Err(Failure::of(code)),
        }
    }

    /// What our functions find as their user data, for [`may_read`].
    pub(super) fn user_data(&self) -> *mut c_void {
        std::ptr::from_ref(self.control()).cast_mut().cast()
    }
}

/// Whether a function may read this many bytes. It may not when its statement is over its budget, or was given up: SQLite
/// then interrupts the statement.
///
/// # Safety
/// The context is that of a call under way, of a function that was registered with [`Connection::user_data`].
pub(super) unsafe fn may_read(context: *mut ffi::sqlite3_context, bytes: usize) -> bool {
    // SAFETY: the user data is the connection's `Control`, which outlives its handle and is only used by shared reference.
    let control = unsafe { &*ffi::sqlite3_user_data(context).cast::<Control>() };
    let may = control.may_read(bytes);
    if !may {
        // SAFETY: the context is that of the call.
        unsafe { ffi::sqlite3_result_error_code(context, ffi::SQLITE_INTERRUPT) };
    }
    may
}

/// `reprieve_fold(x)`: text is folded, anything else stays as it is.
unsafe extern "C" fn fold_value(
    context: *mut ffi::sqlite3_context,
    count: c_int,
    values: *mut *mut ffi::sqlite3_value,
) {
    debug_assert_eq!(count, 1, "registered for one argument");
    // SAFETY: SQLite passes as many values as the function was registered for, one, valid during the call. The text
    // and its length are asked for in the order the manual demands; SQLite copies the result (SQLITE_TRANSIENT).
    unsafe {
        let value = *values;
        if ffi::sqlite3_value_type(value) != ffi::SQLITE_TEXT {
            return ffi::sqlite3_result_value(context, value);
        }
        let start = ffi::sqlite3_value_text(value);
        let length = ffi::sqlite3_value_bytes(value);
        if start.is_null() {
            return ffi::sqlite3_result_error_nomem(context);
        }
        let bytes = std::slice::from_raw_parts(start, usize::try_from(length).unwrap_or(0));
        if !may_read(context, bytes.len()) {
            return;
        }
        let folded = String::from_utf8_lossy(bytes);
        let folded = fold(&folded);
        ffi::sqlite3_result_text64(
            context,
            folded.as_ptr().cast(),
            folded.len() as u64,
            ffi::SQLITE_TRANSIENT(),
            ffi::SQLITE_UTF8 as u8,
        );
    }
}

/// `COLLATE reprieve_decimal`.
unsafe extern "C" fn compare(
    _: *mut c_void,
    left_length: c_int,
    left: *const c_void,
    right_length: c_int,
    right: *const c_void,
) -> c_int {
    let bytes = |start: *const c_void, length: c_int| match usize::try_from(length) {
        Ok(length) if length > 0 && !start.is_null() => {
            // SAFETY: SQLite passes a pointer to that many bytes, valid during the call.
            unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length) }
        }
        _ => &[],
    };
    let (left, right) = (bytes(left, left_length), bytes(right, right_length));
    let order = match (std::str::from_utf8(left), std::str::from_utf8(right)) {
        (Ok(left), Ok(right)) => compare_decimals(left, right),
        _ => left.cmp(right),
    };
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}
