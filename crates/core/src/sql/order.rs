//! `ORDER BY`.

use super::Dialect;
use super::writer::Writer;
use crate::error::Result;
use crate::query::{Expr, Order};

impl<'a> Writer<'a> {
    /// ` ORDER BY …`, when there is an order. NULL counts as smaller than every value.
    pub(super) fn order(&mut self, order: &'a [Order]) -> Result<()> {
        if order.is_empty() {
            return Ok(());
        }
        self.push(" ORDER BY ");
        self.list(", ", order, |w, term| {
            w.ordered(&term.by)?;
            match w.dialect {
                // NULL is smallest without being told.
                Dialect::Sqlite => w.push(if term.descending { " DESC" } else { "" }),
                // NULL is largest unless it is told. An index of a column that can be NULL is made in the same order (see
                // `ddl`), so that it serves both directions; one that cannot be NULL is left alone.
                Dialect::Postgres => {
                    let can_be_null = w.can_be_null(&term.by)?;
                    w.push(match (term.descending, can_be_null) {
                        (false, false) => "",
                        (true, false) => " DESC",
                        (false, true) => " NULLS FIRST",
                        (true, true) => " DESC NULLS LAST",
                    });
                }
            }
            Ok(())
        })
    }

    fn can_be_null(&self, expr: &Expr) -> Result<bool> {
        Ok(match expr {
            Expr::Column { source, position } => {
                let table = &self.source(*source)?.table;
                table.columns.get(*position).is_none_or(|column| column.nullable)
            }
            Expr::Count => false,
            _ => true,
        })
    }
}
