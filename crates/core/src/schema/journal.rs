//! The journal: one row per deletion, and what a deletion changed besides the markers of the rows it took.

use super::{Column, ColumnType, Table};
use std::sync::{Arc, LazyLock};

/// The two journal tables. They are ordinary tables of the database that holds the data, written in the same
/// transaction as the rows.
#[derive(Debug)]
pub struct Journal {
    /// `reprieve_deletions`: id, at, root_table, root_keys (a JSON array), actor, reason, cascade, restored_at.
    pub deletions: Arc<Table>,
    /// `reprieve_changes`: deletion_id, table_name, row_key, column_name, old_value.
    pub changes: Arc<Table>,
}

impl Journal {
    /// Columns of `deletions`, by position.
    pub const ID: usize = 0;
    /// The instant.
    pub const AT: usize = 1;
    /// The table of the rows that the caller named.
    pub const ROOT_TABLE: usize = 2;
    /// The keys of the rows that the caller named, as a JSON array.
    pub const ROOT_KEYS: usize = 3;
    /// Who asked, when known.
    pub const ACTOR: usize = 4;
    /// Why, when given.
    pub const REASON: usize = 5;
    /// Whether children were taken along.
    pub const CASCADE: usize = 6;
    /// When the whole deletion was undone.
    pub const RESTORED_AT: usize = 7;

    /// Columns of `changes`, by position (0 is its own key).
    pub const CHANGE_DELETION_ID: usize = 1;
    /// The table changed.
    pub const CHANGE_TABLE: usize = 2;
    /// The key of the row changed, as it is stored in its table.
    pub const CHANGE_KEY: usize = 3;
    /// The column changed.
    pub const CHANGE_COLUMN: usize = 4;
    /// What it held before, as it is stored in its table.
    pub const CHANGE_OLD: usize = 5;

    /// The journal's tables, the same for every schema.
    pub fn get() -> &'static Self {
        static JOURNAL: LazyLock<Journal> = LazyLock::new(Journal::declare);
        &JOURNAL
    }

    fn declare() -> Self {
        let deletions = Table::builder("Deletion", "reprieve_deletions")
            .column(Column::new("id", ColumnType::Uuid).primary_key())
            .column(Column::new("at", ColumnType::Timestamp).not_null())
            .column(Column::new("root_table", ColumnType::Text).not_null())
            .column(Column::new("root_keys", ColumnType::Json).not_null())
            .column(Column::new("actor", ColumnType::Text))
            .column(Column::new("reason", ColumnType::Text))
            .column(Column::new("cascade", ColumnType::Boolean).not_null())
            .column(Column::new("restored_at", ColumnType::Timestamp))
            // An undo asks whether any other deletion that cascades is in force.
            .index(["cascade", "restored_at"])
            .build();
        let changes = Table::builder("Change", "reprieve_changes")
            .column(Column::new("id", ColumnType::Integer).primary_key())
            .column(Column::new("deletion_id", ColumnType::Uuid).not_null())
            .column(Column::new("table_name", ColumnType::Text).not_null())
            .column(Column::new("row_key", ColumnType::Any).not_null())
            .column(Column::new("column_name", ColumnType::Text).not_null())
            .column(Column::new("old_value", ColumnType::Any))
            // An undo asks of each row what it held.
            .index(["deletion_id", "table_name", "row_key"])
            .build();
        Self {
            deletions: deletions.expect("the journal's declaration is fixed and valid"),
            changes: changes.expect("the journal's declaration is fixed and valid"),
        }
    }
}
