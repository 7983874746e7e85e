//! Expressions: what is computed for a row.

use super::writer::{Writer, column_name, internal};
use crate::error::Result;
use crate::query::{Expr, Predicate, Select};
use crate::schema::ColumnType;

impl<'a> Writer<'a> {
    /// An expression. It binds tighter than every operator, so that it needs no parentheses anywhere.
    pub(super) fn expr(&mut self, expr: &'a Expr) -> Result<()> {
        match expr {
            Expr::Column { source, position } => return self.column(*source, *position),
            Expr::Bind(value) => self.bind(value.clone()),
            Expr::Given { source, position } => return self.given_value(*source, *position),
            Expr::If(condition, then, otherwise) => {
                if self.is_typed()
                    && let Some(known) = self.type_of(expr)?
                {
                    return self.expr_as(expr, &known);
                }
                return self.either(condition, |w| w.expr(then), |w| w.expr(otherwise));
            }
            Expr::Scalar(select) => return self.subselect(select),
            Expr::Count => self.push("count(*)"),
            Expr::KeyText(key) => return self.key_text(key),
            Expr::JsonList(item) => return self.json_list(item),
            Expr::JsonObject(members) => return self.json_object(members),
            Expr::JsonChanges { source, changes } => return self.json_changes(*source, changes),
        }
        Ok(())
    }

    /// The type of an expression.
    pub(super) fn kind(&mut self, expr: &'a Expr) -> Result<ColumnType> {
        if self.is_typed() {
            return Ok(self.type_of(expr)?.map_or(ColumnType::Any, |known| known.kind));
        }
        Ok(match expr {
            Expr::Column { source, position } => {
                let table = self.source(*source)?.table.as_ref();
                column_name(table, *position)?;
                table.columns[*position].kind().clone()
            }
            // The text of a statement does not depend on its values, nor on their types.
            Expr::Bind(_) | Expr::Given { .. } => ColumnType::Any,
            Expr::If(_, then, otherwise) => {
                let (one, other) = (self.kind(then)?, self.kind(otherwise)?);
                if one == other { one } else { ColumnType::Any }
            }
            Expr::Scalar(select) => return self.kind_of_scalar(select),
            Expr::Count => ColumnType::Integer,
            Expr::KeyText(_) => ColumnType::Text,
            Expr::JsonList(_) | Expr::JsonObject(_) | Expr::JsonChanges { .. } => ColumnType::Json,
        })
    }

    /// `CASE WHEN … THEN … ELSE … END`.
    pub(super) fn either(
        &mut self,
        condition: &'a Predicate,
        then: impl FnOnce(&mut Self) -> Result<()>,
        otherwise: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.push("CASE WHEN ");
        self.predicate(condition)?;
        self.push(" THEN ");
        then(self)?;
        self.push(" ELSE ");
        otherwise(self)?;
        self.push(" END");
        Ok(())
    }

    fn kind_of_scalar(&mut self, select: &'a Select) -> Result<ColumnType> {
        let column = only_column(select)?;
        let mut kind = ColumnType::Any;
        self.within_select(select, &mut |w| {
            kind = w.kind(column)?;
            Ok(())
        })?;
        Ok(kind)
    }
}

/// The column of a sub-query that is used as a value.
pub(super) fn only_column(select: &Select) -> Result<&Expr> {
    let [column] = select.columns.as_slice() else {
        return Err(internal(format!(
            "a sub-query of '{}' is used as a value and has {} columns",
            select.from.table.name,
            select.columns.len()
        )));
    };
    Ok(column)
}
