//! JSON made by the database: rows and changes for the audit log, lists of keys for the journal.
//!
//! A value is rendered by its column's type. Bound values are rendered before they are bound ([`json_text`]), to
//! the same text.
//!
//! Source: <https://www.sqlite.org/json1.html>; its section 3.4 is why a document that comes out of a sub-query
//! goes through `json()` again.

use super::key_text::UUID_TEXT;
use super::writer::{Writer, column_name};
use super::{Dialect, identifier, json_text};
use crate::error::Result;
use crate::query::Expr;
use crate::schema::ColumnType;
use crate::value::Value;

impl<'a> Writer<'a> {
    /// `json_group_array(…)`.
    pub(super) fn json_list(&mut self, item: &'a Expr) -> Result<()> {
        self.push(match self.dialect {
            Dialect::Sqlite => "json_group_array(",
        });
        self.json_value(item)?;
        self.push(")");
        Ok(())
    }

    /// `json_object('name', …, …)`.
    pub(super) fn json_object(&mut self, members: &'a [(String, Expr)]) -> Result<()> {
        self.push(match self.dialect {
            Dialect::Sqlite => "json_object(",
        });
        self.list(", ", members, |w, (name, value)| {
            identifier::literal(&mut w.text, name);
            w.push(", ");
            w.json_value(value)
        })?;
        self.push(")");
        Ok(())
    }

    /// One row per column, of which those that change go into one object. The rows are VALUES, whose columns have
    /// names that are visible outside of them only: no column of the table can be mistaken for one.
    pub(super) fn json_changes(&mut self, source: u8, changes: &'a [(usize, Expr)]) -> Result<()> {
        if changes.is_empty() {
            self.push("'{}'");
            return Ok(());
        }
        let table = self.source(source)?.table.as_ref();
        match self.dialect {
            Dialect::Sqlite => self.push("(SELECT json_group_object(column1, json(column2)) FROM (VALUES "),
        }
        self.list(", ", changes, |w, (position, new)| {
            w.push("(");
            identifier::literal(&mut w.text, column_name(table, *position)?);
            w.push(", CASE WHEN ");
            w.column(source, *position)?;
            w.push(match w.dialect {
                Dialect::Sqlite => " IS NOT ",
            });
            w.expr(new)?;
            w.push(" THEN json_object('old', ");
            w.json_column(source, *position)?;
            w.push(", 'new', ");
            w.json_of_column(table.columns[*position].kind(), new)?;
            w.push(") END)");
            Ok(())
        })?;
        self.push(") WHERE column2 IS NOT NULL)");
        Ok(())
    }

    /// A value inside a document.
    fn json_value(&mut self, expr: &'a Expr) -> Result<()> {
        if let Expr::Bind(value) = expr {
            self.json_bind(value);
            return Ok(());
        }
        let kind = self.kind(expr)?;
        self.template(rendering(&kind, self.dialect), expr)
    }

    /// A value for a column of this type, inside a document.
    fn json_of_column(&mut self, kind: &ColumnType, expr: &'a Expr) -> Result<()> {
        if let Expr::Bind(value) = expr {
            self.json_bind(value);
            return Ok(());
        }
        self.template(rendering(kind, self.dialect), expr)
    }

    fn json_column(&mut self, source: u8, position: usize) -> Result<()> {
        let table = self.source(source)?.table.as_ref();
        let template = rendering(table.columns[position].kind(), self.dialect);
        self.fill(template, |w| w.column(source, position))
    }

    fn json_bind(&mut self, value: &Value) {
        self.push("json(");
        self.bind(Value::Text(json_text(value)));
        self.push(")");
    }

    /// An expression in the place of each `{x}` of the template, computed once.
    pub(super) fn template(&mut self, template: &str, expr: &'a Expr) -> Result<()> {
        if matches!(expr, Expr::Column { .. } | Expr::Given { .. }) || template.matches("{x}").count() == 1 {
            return self.fill(template, |w| w.expr(expr));
        }
        self.push("(SELECT ");
        self.fill(template, |w| {
            w.push("x");
            Ok(())
        })?;
        self.push(" FROM (SELECT ");
        self.expr(expr)?;
        self.push(" AS x))");
        Ok(())
    }

    fn fill(&mut self, template: &str, mut x: impl FnMut(&mut Self) -> Result<()>) -> Result<()> {
        for (i, part) in template.split("{x}").enumerate() {
            if i > 0 {
                x(self)?;
            }
            self.push(part);
        }
        Ok(())
    }
}

/// How a value of this type, in its storage form, becomes a value inside a document. NULL becomes null.
fn rendering(kind: &ColumnType, dialect: Dialect) -> &'static str {
    match (kind, dialect) {
        (ColumnType::Boolean, Dialect::Sqlite) => "json(CASE {x} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)",
        (ColumnType::Timestamp, Dialect::Sqlite) => "replace({x}, ' ', 'T') || '+00:00'",
        (ColumnType::Json | ColumnType::Array(_), Dialect::Sqlite) => "json({x})",
        (ColumnType::Uuid | ColumnType::Any | ColumnType::Key, Dialect::Sqlite) => UUID_TEXT,
        (ColumnType::Bytes, Dialect::Sqlite) => "CASE WHEN {x} IS NOT NULL THEN lower(hex({x})) END",
        // Numbers are numbers; text, enums, dates, times and decimals are text.
        (
            ColumnType::Integer
            | ColumnType::Float
            | ColumnType::Text
            | ColumnType::Enum(_)
            | ColumnType::Date
            | ColumnType::Time
            | ColumnType::Decimal { .. },
            Dialect::Sqlite,
        ) => "{x}",
    }
}
