//! An open connection and the statements prepared on it.

use super::cache::{Cache, Prepared};
use super::{Control, Failure, Stop};
use crate::writer_queue::Turn;
use reprieve_core::sql::Compiled;
use rusqlite::ffi;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::NonNull;
use std::sync::Arc;

/// Where a connection is kept; empty while a blocking thread has it, and for good when it was lost there.
pub(crate) type Slot = Option<Box<Connection>>;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    db: NonNull<ffi::sqlite3>,
    control: Arc<Control>,
    stop: Arc<Stop>,
    cache: Cache,
    /// The writer's turn of this connection's transaction. It is given on when the connection has been closed.
    pub(crate) turn: Option<Turn>,
}

// SAFETY: in multi-thread mode (SQLITE_OPEN_NOMUTEX, checked in `open`) a connection and its statements may be used
// from any thread, one at a time; all uses need `&mut Connection` or a cursor that holds one. It is not `Sync`.
unsafe impl Send for Connection {}

/// How a checkpoint treats readers and writers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckpointMode {
    /// Copies what it can without being in anybody's way.
    Passive,
    /// Also cuts the log to nothing, if nobody reads or writes.
    Truncate,
}

impl Connection {
    /// Opens a file for reading and writing (reading alone, where it cannot be written); makes it when missing.
    pub(crate) fn open(path: &CStr, control: Control) -> Result<Self, Failure> {
        // SAFETY: has no preconditions.
        if unsafe { ffi::sqlite3_threadsafe() } == 0 {
            return Err(Failure::refused("SQLite was compiled without threads".to_owned()));
        }
        super::locks::install();
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | ffi::SQLITE_OPEN_NOMUTEX;
        let mut db = std::ptr::null_mut();
        // SAFETY: `path` is NUL-terminated, `db` is a place for the result, a null VFS is the default one.
        let code = unsafe { ffi::sqlite3_open_v2(path.as_ptr(), &mut db, flags, std::ptr::null()) };
        let Some(handle) = NonNull::new(db) else {
            return Err(Failure::of(ffi::SQLITE_NOMEM));
        };
        let control = Arc::new(control);
        let stop = Arc::new(Stop::new(control.clone(), db));
        // From here on `drop` closes the handle, which SQLite wants also after a failed open.
        let connection = Self { db: handle, control, stop, cache: Cache::default(), turn: None };
        if code != ffi::SQLITE_OK {
            // SAFETY: the handle of a failed open can be asked for its error.
            return Err(unsafe { Failure::last(db, code) });
        }
        // SAFETY: the handle is open and ours. The control is in an `Arc` that this value holds until after `drop`
        // has closed the handle. The options take an int and a pointer to an int, which may be null.
        unsafe {
            ffi::sqlite3_extended_result_codes(db, 1);
            connection.control.install(db);
            for (option, value) in [
                (ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 1),
                // Without these two, a column that does not exist reads as a text: "titel" = 'titel'.
                (ffi::SQLITE_DBCONFIG_DQS_DML, 0),
                (ffi::SQLITE_DBCONFIG_DQS_DDL, 0),
                // The last connection to close would hold its thread for a checkpoint; `checkpoint` does it.
                (ffi::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1),
            ] {
                ffi::sqlite3_db_config(db, option, value as c_int, std::ptr::null_mut::<c_int>());
            }
        }
        Ok(connection)
    }

    /// The handle, for the other files of this module.
    pub(super) fn handle(&self) -> *mut ffi::sqlite3 {
        self.db.as_ptr()
    }

    /// The state of its callbacks.
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// Stops it from elsewhere.
    pub(crate) fn stop(&self) -> &Arc<Stop> {
        &self.stop
    }

    /// Runs texts that return nothing and take nothing.
    pub(crate) fn execute(&mut self, sql: &CStr) -> Result<(), Failure> {
        let db = self.db.as_ptr();
        // SAFETY: the handle is open and ours, `sql` is NUL-terminated, no callback, no place for the message.
        let code =
            unsafe { ffi::sqlite3_exec(db, sql.as_ptr(), None, std::ptr::null_mut(), std::ptr::null_mut()) };
        self.check(code)
    }

    /// Whether no transaction is open.
    pub(crate) fn is_idle(&self) -> bool {
        // SAFETY: the handle is open.
        unsafe { ffi::sqlite3_get_autocommit(self.db.as_ptr()) != 0 }
    }

    /// Rows changed by the last write, those changed by foreign keys not counted.
    pub(crate) fn changes(&self) -> u64 {
        // SAFETY: the handle is open.
        unsafe { ffi::sqlite3_changes64(self.db.as_ptr()) }.unsigned_abs()
    }

    /// Rows changed since it was opened, all counted.
    pub(crate) fn total_changes(&self) -> u64 {
        // SAFETY: the handle is open.
        unsafe { ffi::sqlite3_total_changes64(self.db.as_ptr()) }.unsigned_abs()
    }

    /// Remembers whether a statement ran over its budget.
    pub(crate) fn set_slow(&mut self, id: u64, slow: bool) {
        self.cache.set_slow(id, slow);
    }

    /// Lets the close of this connection write the log back when it is the last one.
    pub(crate) fn checkpoint_on_close(&mut self) {
        let none = std::ptr::null_mut::<c_int>();
        // SAFETY: the handle is open; the option takes an int and a pointer that may be null.
        unsafe {
            ffi::sqlite3_db_config(self.db.as_ptr(), ffi::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0 as c_int, none)
        };
    }

    /// Writes the log back; the pages in the log and those of them written back.
    pub(crate) fn checkpoint(&mut self, mode: CheckpointMode) -> Result<(u32, u32), Failure> {
        let mode = match mode {
            CheckpointMode::Passive => ffi::SQLITE_CHECKPOINT_PASSIVE,
            CheckpointMode::Truncate => ffi::SQLITE_CHECKPOINT_TRUNCATE,
        };
        let (mut log, mut copied) = (0, 0);
        // SAFETY: the handle is open; a null name is all databases; the results have their places.
        let code = unsafe {
            ffi::sqlite3_wal_checkpoint_v2(self.db.as_ptr(), std::ptr::null(), mode, &mut log, &mut copied)
        };
        self.check(code)?;
        Ok((u32::try_from(log).unwrap_or(0), u32::try_from(copied).unwrap_or(0)))
    }

    /// The statement of this text, and whether the cache owns it (else its cursor does).
    pub(super) fn prepare(&mut self, statement: &Compiled) -> Result<(Prepared, bool), Failure> {
        if statement.cached {
            if let Some(prepared) = self.cache.get(statement.id) {
                return Ok((prepared, true));
            }
            let prepared = self.compile(&statement.sql, ffi::SQLITE_PREPARE_PERSISTENT)?;
            self.cache.insert(statement.id, prepared);
            return Ok((prepared, true));
        }
        Ok((self.compile(&statement.sql, 0)?, false))
    }

    fn compile(&mut self, sql: &str, flags: u32) -> Result<Prepared, Failure> {
        if sql.contains('\0') {
            return Err(Failure::refused("a statement contains a NUL character".to_owned()));
        }
        let (stmt, rest) = self.compile_first(sql, flags)?;
        let Some(stmt) = stmt else {
            return Err(Failure::refused("the text holds no statement".to_owned()));
        };
        let more = match rest.trim_matches(|c: char| c.is_whitespace() || c == ';') {
            "" => Ok(None),
            rest => self.compile_first(rest, 0).map(|(stmt, _)| stmt),
        };
        // Finalized on the way out when the text is refused.
        let mut prepared = Prepared { stmt, parameters: 0, readonly: false, sweeps: false, slow: false };
        if !matches!(more, Ok(None)) {
            for stmt in [Some(stmt), more.unwrap_or_default()].into_iter().flatten() {
                // SAFETY: the statements were made here and nobody else knows them.
                unsafe { ffi::sqlite3_finalize(stmt.as_ptr()) };
            }
            return Err(Failure::refused(
                "the text holds more than one statement: run them one by one".into(),
            ));
        }
        // SAFETY: the statement is valid and ours.
        unsafe {
            prepared.parameters = ffi::sqlite3_bind_parameter_count(stmt.as_ptr()).unsigned_abs() as usize;
            prepared.readonly = ffi::sqlite3_stmt_readonly(stmt.as_ptr()) != 0;
        }
        prepared.sweeps = prepared.readonly && self.sweeps(sql);
        prepared.slow = prepared.sweeps;
        Ok(prepared)
    }

    /// Compiles the first statement of a text; the rest of the text.
    fn compile_first<'t>(
        &mut self,
        sql: &'t str,
        flags: u32,
    ) -> Result<(Option<NonNull<ffi::sqlite3_stmt>>, &'t str), Failure> {
        let length = c_int::try_from(sql.len()).map_err(|_| Failure::of(ffi::SQLITE_TOOBIG))?;
        let (mut stmt, mut tail) = (std::ptr::null_mut(), std::ptr::null::<c_char>());
        let (start, db) = (sql.as_ptr().cast::<c_char>(), self.db.as_ptr());
        // SAFETY: the handle is open and ours; `start` has `length` readable bytes; the results have their places.
        let code = unsafe { ffi::sqlite3_prepare_v3(db, start, length, flags, &mut stmt, &mut tail) };
        self.check(code)?;
        let read = (tail as usize).saturating_sub(start as usize);
        Ok((NonNull::new(stmt), sql.get(read..).unwrap_or("")))
    }

    /// Whether a statement counts a table in one step (`OP_Count`), in which SQLite asks for no progress.
    fn sweeps(&mut self, sql: &str) -> bool {
        if !sql.as_bytes().windows(6).any(|w| w.eq_ignore_ascii_case(b"count(")) {
            return false;
        }
        let Ok((Some(stmt), _)) = self.compile_first(&format!("EXPLAIN {sql}"), 0) else {
            return false;
        };
        let mut found = false;
        // SAFETY: the statement is valid and ours; column 1 of EXPLAIN is the operation's name, NUL-terminated text
        // that is valid until the next step.
        unsafe {
            while !found && ffi::sqlite3_step(stmt.as_ptr()) == ffi::SQLITE_ROW {
                let operation = ffi::sqlite3_column_text(stmt.as_ptr(), 1);
                found = !operation.is_null() && CStr::from_ptr(operation.cast()) == c"Count";
            }
            ffi::sqlite3_finalize(stmt.as_ptr());
        }
        found
    }

    fn check(&mut self, code: c_int) -> Result<(), Failure> {
        if code == ffi::SQLITE_OK {
            return Ok(());
        }
        // SAFETY: the handle is open and ours.
        Err(unsafe { Failure::last(self.db.as_ptr(), code) })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.stop.closed();
        let db = self.db.as_ptr();
        self.cache.clear();
        // SAFETY: the handle is open and not used afterwards. The statements of the cache are gone; no cursor is alive, for
        // it would borrow the connection, and what a leaked one left keeps the handle until the process ends. Statements
        // of virtual tables (FTS5 has some) are theirs to finalize, which closing does. What is open is rolled back.
        // The callbacks' state goes after this.
        unsafe {
            ffi::sqlite3_close(db);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cache::CAPACITY;
    use super::*;
    use crate::raw::Cursor;
    use reprieve_core::query::Reach;
    use std::time::Duration;

    fn slot() -> Slot {
        Some(Box::new(Connection::open(c":memory:", Control::new(Duration::from_secs(1))).unwrap()))
    }

    fn run(slot: &mut Slot, statement: &Compiled) {
        assert!(Cursor::open(slot, statement, &[]).unwrap().step().unwrap());
    }

    #[test]
    fn the_statement_unused_for_longest_is_pushed_out() {
        let mut slot = slot();
        let statements: Vec<Compiled> =
            (0..=CAPACITY).map(|i| Compiled::new(format!("SELECT {i}"), Reach::Set)).collect();
        for statement in &statements[..CAPACITY] {
            run(&mut slot, statement);
        }
        run(&mut slot, &statements[0]);
        run(&mut slot, &statements[CAPACITY]);
        let connection = slot.as_mut().unwrap();
        assert_eq!(connection.cache.len(), CAPACITY);
        assert!(connection.cache.get(statements[0].id).is_some());
        assert!(connection.cache.get(statements[1].id).is_none());
        run(&mut slot, &statements[1]);
    }

    #[test]
    fn a_statement_that_is_run_once_is_not_kept() {
        let mut slot = slot();
        run(&mut slot, &Compiled::once("SELECT 1", Reach::Set));
        assert_eq!(slot.as_ref().unwrap().cache.len(), 0);
    }

    #[test]
    fn a_leaked_cursor_does_no_harm() {
        let mut slot = slot();
        let statement = Compiled::new("SELECT 1 UNION SELECT 2", Reach::Set);
        let once = Compiled::once("SELECT 1 UNION SELECT 2", Reach::Set);
        for statement in [&statement, &once] {
            let mut cursor = Cursor::open(&mut slot, statement, &[]).unwrap();
            cursor.step().unwrap();
            std::mem::forget(cursor);
        }
        drop(slot);
    }
}
