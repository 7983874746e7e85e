//! Rows of values that a statement brings along: each row it changes can take values of its own.

use super::Expr;
use crate::schema::ColumnType;
use crate::value::Value;

/// Rows of values, beside the table that a statement is about. Which row of it each belongs to is a matter of the
/// statement's filter.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its number, unique in the statement among those of the table references.
    pub id: u8,
    /// The rows, all of one length. None is a fault of whoever built the statement.
    pub rows: Vec<Vec<Value>>,
    /// The type of each value of a row, for databases that find out types before they see values.
    pub kinds: Vec<ColumnType>,
}

impl Given {
    /// The value at this position of the row.
    pub fn value(&self, position: usize) -> Expr {
        Expr::Given { source: self.id, position }
    }
}
