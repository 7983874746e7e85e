//! Rows of values that a statement brings along.
//!
//! Sources: <https://www.sqlite.org/lang_select.html#values> for the names of their columns, which PostgreSQL gives
//! them too; <https://www.sqlite.org/lang_update.html#upfrom>.

use super::writer::{Writer, internal};
use crate::error::Result;
use crate::query::Given;

impl<'a> Writer<'a> {
    /// `(VALUES (…), …) AS t1`.
    pub(super) fn given(&mut self, given: &'a Given) -> Result<()> {
        let width = given.rows.first().map_or(0, Vec::len);
        if width == 0 || given.rows.iter().any(|row| row.len() != width) {
            return Err(internal("a statement brings along rows of values that are uneven or empty".into()));
        }
        self.push("(VALUES ");
        self.list(", ", &given.rows, |w, row| w.row_of_values(row))?;
        self.push(") AS t");
        self.push(&given.id.to_string());
        Ok(())
    }

    /// `t1.column2`.
    pub(super) fn given_value(&mut self, source: u8, position: usize) -> Result<()> {
        match self.given_width(source) {
            Some(width) if position < width => {
                self.push(&format!("t{source}.column{}", position + 1));
                Ok(())
            }
            _ => Err(internal(format!(
                "an expression names value {position} of the rows {source}, which are not in scope there or have fewer"
            ))),
        }
    }
}
