//! A table reference and the rows of it that are visible.

use crate::schema::Table;
use std::sync::Arc;

/// Which rows of a table reference a statement sees. The compiler turns it into a predicate on the marker; on a
/// table without soft delete every row is visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Visibility {
    /// Live rows: what every statement sees unless it says otherwise.
    #[default]
    Live,
    /// Deleted rows only.
    Deleted,
    /// Live and deleted rows.
    Any,
}

/// One reference to a table in a statement.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its number, unique in the statement; the outermost is 0.
    pub id: u8,
    /// The table.
    pub table: Arc<Table>,
    /// The rows it stands for.
    pub visibility: Visibility,
}

impl Source {
    /// A reference to the live rows of a table.
    pub fn live(id: u8, table: &Arc<Table>) -> Self {
        Self::new(id, table, Visibility::Live)
    }

    /// A reference to all rows of a table.
    pub fn any(id: u8, table: &Arc<Table>) -> Self {
        Self::new(id, table, Visibility::Any)
    }

    /// A reference to these rows of a table.
    pub fn new(id: u8, table: &Arc<Table>, visibility: Visibility) -> Self {
        Self { id, table: table.clone(), visibility }
    }

    /// A column of this reference.
    pub fn column(&self, position: usize) -> super::Expr {
        super::Expr::Column { source: self.id, position }
    }

    /// The primary key of this reference.
    pub fn key(&self) -> super::Expr {
        self.column(self.table.primary_key)
    }
}
