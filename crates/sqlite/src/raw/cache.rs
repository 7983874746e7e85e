//! The prepared statements of one connection, by the number of their text.

use rusqlite::ffi;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ptr::NonNull;

/// More shapes of statements than an application has; past it the one unused for longest goes.
pub(super) const CAPACITY: usize = 256;

/// A prepared statement and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prepared {
    pub(super) stmt: NonNull<ffi::sqlite3_stmt>,
    pub(super) parameters: usize,
    pub(super) readonly: bool,
    /// Counts a table in one step that no budget can interrupt.
    pub(super) sweeps: bool,
    /// Ran over its budget the last time: goes to another thread at once.
    pub(super) slow: bool,
}

#[derive(Debug)]
struct Entry {
    prepared: Prepared,
    used: u64,
}

/// Spreads sequential numbers; nobody outside chooses them.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

/// Owns the statements: they are finalized when they are pushed out, or by the connection when it closes.
#[derive(Debug, Default)]
pub(super) struct Cache {
    entries: HashMap<u64, Entry, BuildHasherDefault<Spread>>,
    clock: u64,
}

impl Cache {
    /// A statement that is there.
    pub(super) fn get(&mut self, id: u64) -> Option<Prepared> {
        self.clock += 1;
        let entry = self.entries.get_mut(&id)?;
        entry.used = self.clock;
        Some(entry.prepared)
    }

    /// Keeps a statement, which is finalized from here.
    pub(super) fn insert(&mut self, id: u64, prepared: Prepared) {
        if self.entries.len() >= CAPACITY {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(id, _)| *id);
            if let Some(gone) = oldest.and_then(|id| self.entries.remove(&id)) {
                finalize(gone.prepared);
            }
        }
        self.clock += 1;
        if let Some(twin) = self.entries.insert(id, Entry { prepared, used: self.clock }) {
            finalize(twin.prepared);
        }
    }

    /// Remembers whether a statement ran over its budget.
    pub(super) fn set_slow(&mut self, id: u64, slow: bool) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.prepared.slow = slow;
        }
    }

    /// Finalizes all, before the connection closes.
    pub(super) fn clear(&mut self) {
        self.entries.drain().for_each(|(_, entry)| finalize(entry.prepared));
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn finalize(prepared: Prepared) {
    // SAFETY: the cache owned the statement and has just given it up; whoever holds the cache holds its connection
    // exclusively, and a cursor, which also borrows it exclusively, cannot be alive.
    unsafe { ffi::sqlite3_finalize(prepared.stmt.as_ptr()) };
}
