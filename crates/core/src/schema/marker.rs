//! How a row says that it is deleted: the columns that only a deletion and a restore write, and what they hold.

use super::Scope;
use crate::query::{Expr, Predicate, Source};
use crate::value::{Timestamp, Value};

/// The name of the public marker column.
pub const DELETED_AT: &str = "deleted_at";
/// The name of the internal marker column.
pub const DELETION_ID: &str = "deletion_id";

/// The marker of a soft-deletable table: `deleted_at`, which is NULL on a live row and else the instant of the deletion,
/// and the hidden `deletion_id`, the deletion that holds the row. A row that another program marked has no deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    deleted_at: usize,
    deletion_id: usize,
}

/// A condition that a constant text says, so that the planner can see that it implies an index's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The column is NULL.
    Null(usize),
    /// The column is not NULL.
    NotNull(usize),
}

impl Marker {
    pub(super) fn new(deleted_at: usize, deletion_id: usize) -> Self {
        Self { deleted_at, deletion_id }
    }

    /// The column that a model shows: whether a row is deleted, and since when.
    pub fn column(self) -> usize {
        self.deleted_at
    }

    /// Whether the column is one of the marker's.
    pub fn owns(self, column: usize) -> bool {
        column == self.deleted_at || column == self.deletion_id
    }

    /// Which rows are live.
    pub fn live(self) -> Condition {
        Condition::Null(self.deleted_at)
    }

    /// Which rows are deleted.
    pub fn deleted(self) -> Condition {
        Condition::NotNull(self.deleted_at)
    }

    /// Which rows an index of this scope has; `None`: all of them.
    pub fn indexed(self, scope: Scope) -> Option<Condition> {
        match scope {
            Scope::All => None,
            Scope::Live => Some(self.live()),
            Scope::Deleted => Some(Condition::NotNull(self.deletion_id)),
        }
    }

    /// The columns of the index that finds the rows which a deletion holds.
    pub(super) fn index_of_holder(self) -> Vec<usize> {
        vec![self.deletion_id]
    }

    /// What a deletion writes on a row that it takes.
    pub fn mark(self, at: Timestamp, deletion: Value) -> [(usize, Value); 2] {
        [self.shown(Some(at)), (self.deletion_id, deletion)]
    }

    /// What a restore writes.
    pub fn unmark(self) -> [(usize, Value); 2] {
        [self.shown(None), (self.deletion_id, Value::Null)]
    }

    /// What the audit log shows of a deletion at this instant, or of a restore.
    pub fn shown(self, at: Option<Timestamp>) -> (usize, Value) {
        (self.deleted_at, at.map_or(Value::Null, Value::from))
    }

    /// What makes a deleted row that of another deletion; its instant stays.
    pub fn reassign(self, deletion: Expr) -> (usize, Expr) {
        (self.deletion_id, deletion)
    }

    /// When the row was deleted; NULL for a live one.
    pub fn instant(self, row: &Source) -> Expr {
        row.column(self.deleted_at)
    }

    /// The deletion that holds the row; NULL for a live row, and for one that another program marked.
    pub fn holder(self, row: &Source) -> Expr {
        row.column(self.deletion_id)
    }

    /// Whether the deletion holds the row.
    pub fn is_held_by(self, row: &Source, deletion: Value) -> Predicate {
        Predicate::equals(self.holder(row), deletion)
    }

    /// Whether a row, of which all columns were read, is live.
    pub fn is_live(self, row: &[Value]) -> bool {
        row[self.deleted_at].is_null()
    }

    /// The deletion that holds a row, of which all columns were read.
    pub fn held_by(self, row: &[Value]) -> &Value {
        &row[self.deletion_id]
    }
}
