//! The journal: one row per deletion, and what a deletion changed besides the markers of the rows it took.
//!
//! Its two tables are ordinary tables of the database that holds the data, written in the same transaction as the rows.
//! Everything else asks it questions, and gets predicates and statements: no column of the two tables is known outside of
//! this module.

mod changes;
mod deletions;

pub use deletions::{Entry, InForce, Root, Shown};

use crate::schema::Table;
use std::sync::{Arc, LazyLock};

/// The journal of a database.
#[derive(Debug)]
pub struct Journal {
    /// `reprieve_deletions`: id, at, root_table, root_keys (a JSON array), actor, reason, cascade, restored_at.
    deletions: Arc<Table>,
    /// `reprieve_changes`: deletion_id, table_name, row_key, column_name, old_value.
    changes: Arc<Table>,
}

impl Journal {
    /// The journal, which is the same for every schema.
    pub fn get() -> &'static Self {
        static JOURNAL: LazyLock<Journal> = LazyLock::new(|| Journal {
            deletions: deletions::declare().expect("the journal's declaration is fixed and valid"),
            changes: changes::declare().expect("the journal's declaration is fixed and valid"),
        });
        &JOURNAL
    }

    /// Its tables, for code that creates, copies or lists them.
    pub fn tables(&self) -> [&Arc<Table>; 2] {
        [&self.deletions, &self.changes]
    }
}
