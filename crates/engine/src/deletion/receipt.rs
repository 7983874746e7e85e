//! What the verbs hand back.

use reprieve_core::value::Timestamp;
use uuid::Uuid;

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableRows {
    /// The table's name.
    pub table: String,
    /// How many rows.
    pub rows: u64,
}

/// A deletion that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// Its id in the journal; names it for an undo. Nothing was journaled when no row was taken.
    pub id: Uuid,
    /// The instant that each row carries.
    pub at: Timestamp,
    /// Whether it marked a row that was live, rather than claimed one that another deletion held.
    pub marked: bool,
    /// The rows it took, per table; the roots' table first. Empty: everything was deleted already.
    pub taken: Vec<TableRows>,
}

impl Deletion {
    /// How many rows it took.
    pub fn rows(&self) -> u64 {
        self.taken.iter().map(|t| t.rows).sum()
    }

    /// How many rows it took of a table.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.taken.iter().find(|t| t.table == table).map_or(0, |t| t.rows)
    }
}

/// A restore that was carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restoration {
    /// The rows that are live again, per table.
    pub restored: Vec<TableRows>,
    /// The rows that stay deleted because another deletion holds their parent, per table: they belong to it now.
    pub handed_over: Vec<TableRows>,
}

impl Restoration {
    /// How many rows are live again.
    pub fn rows(&self) -> u64 {
        self.restored.iter().map(|t| t.rows).sum()
    }
}

/// Adds rows to the entry of a table.
pub(super) fn count(list: &mut Vec<TableRows>, table: &str, rows: u64) {
    match list.iter_mut().find(|t| t.table == table) {
        _ if rows == 0 => {}
        Some(entry) => entry.rows += rows,
        None => list.push(TableRows { table: table.to_owned(), rows }),
    }
}
