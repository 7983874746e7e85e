//! JSON made by the database: rows and changes for the audit log, lists of keys for the journal.
//!
//! A value is rendered as its column's type says (`types`). Bound values are rendered before they are bound ([`super::json_text`]),
//! to the same text.
//!
//! Source: <https://www.sqlite.org/json1.html>; its section 3.4 is why a document that comes out of a sub-query
//! goes through `json()` again.

use super::typed::Type;
use super::writer::{Writer, column_name};
use super::{Dialect, identifier};
use crate::error::Result;
use crate::query::Expr;
use crate::schema::ColumnType;
use crate::types::values;
use crate::value::Value;

/// A function of PostgreSQL takes at most 100 arguments.
const MOST_MEMBERS: usize = 50;

const JSONB_OBJECT: &str = "jsonb_build_object(";

/// The words around the changes of a row.
struct ChangesWords {
    none: &'static str,
    before: &'static str,
    differs: &'static str,
    old: &'static str,
    after: &'static str,
}

impl ChangesWords {
    fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Self {
                none: "'{}'",
                before: "(SELECT json_group_object(column1, json(column2)) FROM (VALUES ",
                differs: " IS NOT ",
                old: " THEN json_object('old', ",
                after: ") WHERE column2 IS NOT NULL)",
            },
            Dialect::Postgres => Self {
                none: "'{}'::jsonb",
                before: "(SELECT coalesce(jsonb_object_agg(column1, column2), '{}'::jsonb) FROM (VALUES ",
                differs: " IS DISTINCT FROM ",
                old: " THEN jsonb_build_object('old', ",
                after: ") AS reprieve_changes(column1, column2) WHERE column2 IS NOT NULL)",
            },
        }
    }
}

impl<'a> Writer<'a> {
    /// `json_group_array(…)`.
    pub(super) fn json_list(&mut self, item: &'a Expr) -> Result<()> {
        let (before, after) = match self.dialect {
            Dialect::Sqlite => ("json_group_array(", ")"),
            Dialect::Postgres => ("coalesce(jsonb_agg(", "), '[]'::jsonb)"),
        };
        self.push(before);
        self.json_value(item)?;
        self.push(after);
        Ok(())
    }

    /// `json_object('name', …, …)`.
    pub(super) fn json_object(&mut self, members: &'a [(String, Expr)]) -> Result<()> {
        match self.dialect {
            Dialect::Sqlite => self.members("json_object(", members),
            Dialect::Postgres if members.len() <= MOST_MEMBERS => self.members(JSONB_OBJECT, members),
            Dialect::Postgres => {
                self.push("(");
                let parts = members.chunks(MOST_MEMBERS);
                self.list(" || ", parts, |w, part| w.members(JSONB_OBJECT, part))?;
                self.push(")");
                Ok(())
            }
        }
    }

    fn members(&mut self, function: &str, members: &'a [(String, Expr)]) -> Result<()> {
        self.push(function);
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
        let words = ChangesWords::of(self.dialect);
        if changes.is_empty() {
            self.push(words.none);
            return Ok(());
        }
        let table = self.source(source)?.table.as_ref();
        self.push(words.before);
        self.list(", ", changes, |w, (position, new)| {
            w.push("(");
            identifier::literal(&mut w.text, column_name(table, *position)?);
            w.push(", CASE WHEN ");
            w.column(source, *position)?;
            match w.is_typed() {
                true => {
                    let to = Type::of_column(table, *position);
                    w.as_comparable(&to);
                    w.push(words.differs);
                    w.expr_for(new, &to)?;
                }
                false => {
                    w.push(words.differs);
                    w.expr(new)?;
                }
            }
            w.push(words.old);
            w.json_column(source, *position)?;
            w.push(", 'new', ");
            w.json_of_column(table.columns[*position].kind(), new)?;
            w.push(") END)");
            Ok(())
        })?;
        self.push(words.after);
        Ok(())
    }

    /// A value inside a document.
    fn json_value(&mut self, expr: &'a Expr) -> Result<()> {
        if let Expr::Bind(value) = expr {
            self.json_bind(value);
            return Ok(());
        }
        let kind = self.kind(expr)?;
        self.template(kind.storage(self.dialect).json, expr)
    }

    /// A value for a column of this type, inside a document.
    fn json_of_column(&mut self, kind: &ColumnType, expr: &'a Expr) -> Result<()> {
        if let Expr::Bind(value) = expr {
            self.json_bind(value);
            return Ok(());
        }
        self.template(kind.storage(self.dialect).json, expr)
    }

    fn json_column(&mut self, source: u8, position: usize) -> Result<()> {
        let table = self.source(source)?.table.as_ref();
        let template = table.columns[position].kind().storage(self.dialect).json;
        self.fill(template, |w| w.column(source, position))
    }

    /// The text of a document, which the database reads.
    fn json_bind(&mut self, value: &Value) {
        let (before, after) = match self.dialect {
            Dialect::Sqlite => ("json(", ")"),
            Dialect::Postgres => ("", "::jsonb"),
        };
        self.push(before);
        self.bind(Value::Text(values::json_text(value, self.dialect)));
        self.push(after);
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
        self.push(match self.dialect {
            Dialect::Sqlite => " AS x))",
            Dialect::Postgres => " AS x) AS reprieve_x)",
        });
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
