//! Rows of values that a statement brings along.
//!
//! Sources: <https://www.sqlite.org/lang_select.html#values> for the names of their columns, which PostgreSQL gives
//! them too; <https://www.sqlite.org/lang_update.html#upfrom>.

use super::Dialect;
use super::typed::Type;
use super::writer::{Writer, internal};
use crate::error::{Error, Result};
use crate::query::Given;
use crate::schema::ColumnType;

impl<'a> Writer<'a> {
    /// `(VALUES (…), …) AS t1`.
    pub(super) fn given(&mut self, given: &'a Given) -> Result<()> {
        let width = given.rows.first().map_or(0, Vec::len);
        if width == 0 || given.rows.iter().any(|row| row.len() != width) {
            return Err(internal("a statement brings along rows of values that are uneven or empty".into()));
        }
        if given.kinds.len() != width {
            return Err(internal(
                "a statement brings along rows of values whose types are not all told".into(),
            ));
        }
        self.push("(VALUES ");
        match self.dialect {
            Dialect::Sqlite => self.list(", ", &given.rows, |w, row| w.row_of_values(row))?,
            Dialect::Postgres => self.typed_rows(given)?,
        }
        self.push(") AS t");
        self.push(&given.id.to_string());
        match self.dialect {
            Dialect::Sqlite => {}
            // An alias without the names of columns would do, but not where a dialect of PostgreSQL's numbers them from 0.
            Dialect::Postgres => {
                self.push("(");
                self.list(", ", 1..=width, |w, n| {
                    w.push(&format!("column{n}"));
                    Ok(())
                })?;
                self.push(")");
            }
        }
        Ok(())
    }

    /// The values of the first row say the types of all.
    fn typed_rows(&mut self, given: &'a Given) -> Result<()> {
        self.list(", ", given.rows.iter().enumerate(), |w, (i, row)| {
            if i > 0 {
                return w.row_of_values(row);
            }
            w.push("(");
            w.list(", ", row.iter().zip(&given.kinds), |w, (value, kind)| {
                w.bind(value.clone());
                w.cast(&Type::of_kind(kind.clone()));
                Ok(())
            })?;
            w.push(")");
            Ok(())
        })
    }

    /// The type of a value of theirs.
    pub(super) fn given_kind(&self, source: u8, position: usize) -> Result<ColumnType> {
        let kind = self.given_rows(source).and_then(|given| given.kinds.get(position));
        kind.cloned().ok_or_else(|| not_there(source, position))
    }

    /// `t1.column2`.
    pub(super) fn given_value(&mut self, source: u8, position: usize) -> Result<()> {
        let width = self.given_rows(source).and_then(|given| given.rows.first()).map_or(0, Vec::len);
        if position >= width {
            return Err(not_there(source, position));
        }
        self.push(&format!("t{source}.column{}", position + 1));
        Ok(())
    }
}

fn not_there(source: u8, position: usize) -> Error {
    internal(format!(
        "an expression names value {position} of the rows {source}, which are not in scope there or have fewer"
    ))
}
