//! The audit log: one row per change of an audited row.

use super::{Column, ColumnType, Table};
use std::sync::{Arc, LazyLock};

/// The table `audit_logs`.
#[derive(Debug)]
pub struct AuditLog;

impl AuditLog {
    /// Its own key.
    pub const ID: usize = 0;
    /// The model's name.
    pub const MODEL_NAME: usize = 1;
    /// The row's key, as text.
    pub const MODEL_ID: usize = 2;
    /// One of [`Self::OPERATIONS`].
    pub const OPERATION: usize = 3;
    /// Who did it, when known.
    pub const USER_ID: usize = 4;
    /// When.
    pub const TIMESTAMP: usize = 5;
    /// `{field: {"old": …, "new": …}}`.
    pub const CHANGES: usize = 6;
    /// The row as it was before the operation; for CREATE, the row created.
    pub const SNAPSHOT: usize = 7;
    /// What the caller added.
    pub const EXTRA_DATA: usize = 8;

    /// What was done to the row, by name.
    pub const OPERATIONS: [&str; 6] = ["CREATE", "UPDATE", "DELETE", "SOFT_DELETE", "RESTORE", "PURGE"];

    /// The table, the same for every schema.
    pub fn table() -> &'static Arc<Table> {
        static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
            Table::builder("AuditLog", "audit_logs")
                .column(Column::new("id", ColumnType::Integer).primary_key())
                .column(Column::new("model_name", ColumnType::Text).not_null())
                .column(Column::new("model_id", ColumnType::Text).not_null().indexed())
                .column(Column::new("operation", ColumnType::Text).not_null())
                .column(Column::new("user_id", ColumnType::Text).indexed())
                .column(Column::new("timestamp", ColumnType::Timestamp).not_null().indexed())
                .column(Column::new("changes", ColumnType::Json))
                .column(Column::new("snapshot", ColumnType::Json))
                .column(Column::new("extra_data", ColumnType::Json))
                .build()
                .expect("the audit log's declaration is fixed and valid")
        });
        &TABLE
    }
}
