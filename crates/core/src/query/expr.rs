//! Expressions: what a statement computes for a row.

use super::{Predicate, Select};
use crate::value::Value;

/// An expression.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Expr {
    /// A column of a source in scope.
    Column {
        /// The source's number.
        source: u8,
        /// The column's position in its table.
        position: usize,
    },
    /// A value, always bound.
    Bind(Value),
    /// A value of the row of [`super::Given`] that belongs to the row.
    Given {
        /// The number of the rows of values.
        source: u8,
        /// The position in a row.
        position: usize,
    },
    /// The first when the condition holds, else the second.
    If(Box<Predicate>, Box<Expr>, Box<Expr>),
    /// The one value of a sub-query; NULL when it has no row.
    Scalar(Box<Select>),
    /// The number of rows.
    Count,
    /// The canonical text of a key: an integer in decimal, a UUID with hyphens, text as it is.
    KeyText(Box<Expr>),
    /// A JSON array of the expression over all rows (an aggregate): `[]` when there is none.
    JsonList(Box<Expr>),
    /// A JSON object with these members. Each value is rendered by its type: an instant as ISO 8601 text with
    /// its offset, a JSON column as the document itself, a boolean as `true` or `false`.
    JsonObject(Vec<(String, Expr)>),
    /// A JSON object `{name: {"old": column, "new": value}}` of those pairs whose column differs from the value, which
    /// is rendered by the column's type too.
    JsonChanges {
        /// The row's source.
        source: u8,
        /// Column position and new value.
        changes: Vec<(usize, Expr)>,
    },
}

impl From<Value> for Expr {
    fn from(value: Value) -> Self {
        Self::Bind(value)
    }
}
