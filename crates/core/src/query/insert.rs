//! Adding rows.

use super::Select;
use crate::schema::Table;
use crate::value::Value;
use std::sync::Arc;

/// An INSERT.
#[derive(Debug, Clone)]
pub struct Insert {
    /// The table.
    pub table: Arc<Table>,
    /// The positions of the columns given.
    pub columns: Vec<usize>,
    /// The rows, each with a value for each of `columns`.
    pub rows: Rows,
    /// The positions of the columns handed back for each row.
    pub returning: Vec<usize>,
}

/// Where the rows of an INSERT come from.
#[derive(Debug, Clone)]
pub enum Rows {
    /// From the caller.
    Values(Vec<Vec<Value>>),
    /// From a query.
    Select(Box<Select>),
}
