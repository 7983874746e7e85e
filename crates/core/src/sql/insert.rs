//! `INSERT`.

use super::Dialect;
use super::typed::Type;
use super::writer::{Writer, column_name, internal};
use crate::error::Result;
use crate::query::{Insert, Rows};
use crate::value::Value;

impl<'a> Writer<'a> {
    /// `INSERT INTO … VALUES …` or `INSERT INTO … SELECT …`.
    pub(super) fn insert(&mut self, insert: &'a Insert) -> Result<()> {
        self.push("INSERT INTO ");
        self.name(&insert.table.name);
        match &insert.rows {
            Rows::Values(rows) if insert.columns.is_empty() => self.defaults(insert, rows)?,
            Rows::Values(rows) => {
                self.columns(insert)?;
                self.push(" VALUES ");
                self.values(insert, rows)?;
            }
            Rows::Select(select) => {
                if select.columns.len() != insert.columns.len() {
                    return Err(uneven(insert, select.columns.len()));
                }
                self.columns(insert)?;
                self.push(" ");
                self.select_as(select, &self.types(insert))?;
            }
        }
        self.returning(&insert.table, &insert.returning)
    }

    /// The types of the columns, where values of a query have to be told what they are for.
    fn types(&self, insert: &Insert) -> Vec<Type> {
        if !self.is_typed() {
            return Vec::new();
        }
        insert.columns.iter().map(|&position| Type::of_column(&insert.table, position)).collect()
    }

    fn columns(&mut self, insert: &Insert) -> Result<()> {
        self.push(" (");
        self.bare_columns(&insert.table, &insert.columns)?;
        self.push(")");
        Ok(())
    }

    fn values(&mut self, insert: &Insert, rows: &[Vec<Value>]) -> Result<()> {
        if rows.is_empty() {
            return Err(internal(format!("an INSERT into '{}' has no rows", insert.table.name)));
        }
        let made = made_key(insert, self.dialect);
        self.list(", ", rows, |w, row| {
            if row.len() != insert.columns.len() {
                return Err(uneven(insert, row.len()));
            }
            w.push("(");
            w.list(", ", row.iter().enumerate(), |w, (i, value)| {
                match made == Some(i) && value.is_null() {
                    true => w.push("DEFAULT"),
                    false => w.bind(value.clone()),
                }
                Ok(())
            })?;
            w.push(")");
            Ok(())
        })
    }

    /// `(?, ?)`.
    pub(super) fn row_of_values(&mut self, row: &[Value]) -> Result<()> {
        self.push("(");
        self.list(", ", row, |w, value| {
            w.bind(value.clone());
            Ok(())
        })?;
        self.push(")");
        Ok(())
    }

    /// Rows of which nothing is given.
    fn defaults(&mut self, insert: &Insert, rows: &[Vec<Value>]) -> Result<()> {
        if let Some(row) = rows.iter().find(|row| !row.is_empty()) {
            return Err(uneven(insert, row.len()));
        }
        match (rows.len(), self.dialect) {
            (0, _) => Err(internal(format!("an INSERT into '{}' has no rows", insert.table.name))),
            (1, _) => {
                self.push(" DEFAULT VALUES");
                Ok(())
            }
            // DEFAULT VALUES is one row. NULL as a generated key is the next key.
            (n, Dialect::Sqlite) if insert.table.generates_key() => {
                self.push(" (");
                self.name(column_name(&insert.table, insert.table.primary_key)?);
                self.push(") VALUES ");
                self.list(", ", 0..n, |w, _| {
                    w.push("(NULL)");
                    Ok(())
                })
            }
            // Any column will do: all of them get what they get when they are left out.
            (n, Dialect::Postgres) => {
                self.push(" (");
                self.name(column_name(&insert.table, insert.table.primary_key)?);
                self.push(") VALUES ");
                self.list(", ", 0..n, |w, _| {
                    w.push("(DEFAULT)");
                    Ok(())
                })
            }
            (_, Dialect::Sqlite) => {
                Err(internal(format!("an INSERT of rows without columns into '{}'", insert.table.name)))
            }
        }
    }
}

/// Where in a row the key is that the database makes when it is given none, and that is told so by a word instead of a
/// value: NULL is the next key on SQLite, and refused on PostgreSQL.
pub(crate) fn made_key(insert: &Insert, dialect: Dialect) -> Option<usize> {
    match dialect {
        Dialect::Sqlite => None,
        Dialect::Postgres if !insert.table.generates_key() => None,
        Dialect::Postgres => insert.columns.iter().position(|&column| column == insert.table.primary_key),
    }
}

fn uneven(insert: &Insert, values: usize) -> crate::Error {
    internal(format!(
        "an INSERT into '{}' gives {values} values for {} columns",
        insert.table.name,
        insert.columns.len()
    ))
}
