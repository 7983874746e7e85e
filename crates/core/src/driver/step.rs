//! Statements that belong together.

use super::RowSink;
use crate::sql::Compiled;
use crate::value::Value;
use std::sync::Arc;

/// One of several statements that go to the database together.
pub struct Step<'a> {
    /// The statement.
    pub statement: Arc<Compiled>,
    /// Its values.
    pub binds: Vec<Value>,
    /// Where its rows go.
    pub sink: &'a mut dyn RowSink,
    /// How many rows it changed, once it ran.
    pub changed: u64,
}

impl std::fmt::Debug for Step<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Step").field("sql", &self.statement.sql).field("changed", &self.changed).finish()
    }
}
