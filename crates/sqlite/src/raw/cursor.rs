//! A statement that runs.

use super::cache::Prepared;
use super::{Failure, Slot, bind::bind};
use reprieve_core::driver::RowSink;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use rusqlite::ffi;
use std::ffi::{CStr, c_int};
use std::marker::PhantomData;

/// A statement of the connection in a slot, which it holds exclusively until it is closed or dropped. Both reset
/// the statement. It may move between threads together with that borrow.
#[derive(Debug)]
pub(crate) struct Cursor<'c> {
    slot: Option<&'c mut Slot>,
    prepared: Prepared,
    cached: bool,
    binds: PhantomData<&'c [Value]>,
}

// SAFETY: the statement belongs to the connection in the slot, which is `Send` and which nobody else can reach while
// the cursor holds the exclusive borrow of the slot.
unsafe impl Send for Cursor<'_> {}

impl<'c> Cursor<'c> {
    /// Prepares a statement, or finds it prepared, and binds all its values. They are not copied: the cursor cannot
    /// outlive them. A failure gives the slot back.
    pub(crate) fn open(
        slot: &'c mut Slot,
        statement: &Compiled,
        binds: &'c [Value],
    ) -> Result<Self, (&'c mut Slot, Failure)> {
        let Some(connection) = slot.as_mut() else {
            return Err((slot, Failure::refused("the connection is gone".to_owned())));
        };
        match connection.prepare(statement) {
            Ok((prepared, cached)) => {
                let mut cursor = Self { slot: Some(slot), prepared, cached, binds: PhantomData };
                match cursor.bind(binds) {
                    Ok(()) => Ok(cursor),
                    Err(failure) => Err((cursor.close(), failure)),
                }
            }
            Err(failure) => Err((slot, failure)),
        }
    }

    /// Whether it changes nothing.
    pub(crate) fn readonly(&self) -> bool {
        self.prepared.readonly
    }

    /// Whether it counts a whole table in one step, which a budget cannot interrupt.
    pub(crate) fn sweeps(&self) -> bool {
        self.prepared.sweeps
    }

    /// Whether it ran over its budget the last time.
    pub(crate) fn slow(&self) -> bool {
        self.prepared.slow
    }

    fn bind(&mut self, binds: &'c [Value]) -> Result<(), Failure> {
        if binds.len() != self.prepared.parameters {
            return Err(Failure::refused(format!(
                "the statement takes {} values, {} were given",
                self.prepared.parameters,
                binds.len()
            )));
        }
        for (position, value) in (1..).zip(binds) {
            // SAFETY: the statement is ours. It is not running: every cursor resets it, and if a cursor was leaked
            // SQLite refuses to bind. `value` outlives the cursor, which clears what is bound when it goes; the
            // pointers a leaked one leaves behind are never read, for `open` binds all of them anew before a step.
            let code = unsafe { bind(self.statement(), position, value) };
            if code != ffi::SQLITE_OK {
                return Err(self.failure(code));
            }
        }
        Ok(())
    }

    /// Goes to the next row; `false` after the last one.
    pub(crate) fn step(&mut self) -> Result<bool, Failure> {
        // SAFETY: the statement is ours and its values are alive.
        match unsafe { ffi::sqlite3_step(self.statement()) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => Err(self.failure(code)),
        }
    }

    /// How many columns its rows have.
    pub(crate) fn columns(&self) -> usize {
        // SAFETY: the statement is ours.
        unsafe { ffi::sqlite3_column_count(self.statement()) }.unsigned_abs() as usize
    }

    /// The rows changed by a statement that has come to its end, given all changes before it.
    pub(crate) fn finish(&mut self, before: u64) -> u64 {
        let connection = self.connection();
        // A statement that writes no rows (DDL) leaves the number of the one before.
        if connection.total_changes() == before { 0 } else { connection.changes() }
    }

    /// The connection.
    pub(crate) fn connection(&mut self) -> &mut super::Connection {
        self.slot.as_mut().and_then(|slot| slot.as_mut()).expect("a cursor's slot holds its connection")
    }

    /// Resets the statement and gives the slot back.
    pub(crate) fn close(mut self) -> &'c mut Slot {
        self.slot.take().expect("a cursor holds its slot until it is closed")
    }

    /// Tells a sink the names of the columns, if it wants to know them.
    pub(crate) fn name_columns(&self, sink: &mut dyn RowSink) {
        if let Some(names) = sink.columns() {
            *names = self.column_names();
        }
    }

    /// The names of the columns.
    pub(crate) fn column_names(&self) -> Vec<String> {
        (0..self.columns()).map(|position| self.column_name(position)).collect()
    }

    /// The name of a result column.
    pub(super) fn column_name(&self, position: usize) -> String {
        let position = c_int::try_from(position).unwrap_or(c_int::MAX);
        // SAFETY: the statement is ours; a position out of range gives null; the name is copied at once.
        unsafe {
            let name = ffi::sqlite3_column_name(self.statement(), position);
            if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
        }
    }

    pub(super) fn statement(&self) -> *mut ffi::sqlite3_stmt {
        self.prepared.stmt.as_ptr()
    }

    #[cold]
    fn failure(&self, code: c_int) -> Failure {
        // SAFETY: the statement is ours, and so is its connection.
        unsafe { Failure::last(ffi::sqlite3_db_handle(self.statement()), code) }
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        // SAFETY: the statement is ours. A cached one stays with its connection, which is alive: the slot was
        // borrowed until now. Clearing ends the loan of the values. One that is not cached has no other owner.
        unsafe {
            if self.cached {
                ffi::sqlite3_reset(self.statement());
                ffi::sqlite3_clear_bindings(self.statement());
            } else {
                ffi::sqlite3_finalize(self.statement());
            }
        }
    }
}
