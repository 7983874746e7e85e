//! `ORDER BY`.

use super::Dialect;
use super::writer::Writer;
use crate::error::Result;
use crate::query::Order;

impl<'a> Writer<'a> {
    /// ` ORDER BY …`, when there is an order. NULL counts as smaller than every value.
    pub(super) fn order(&mut self, order: &'a [Order]) -> Result<()> {
        if order.is_empty() {
            return Ok(());
        }
        self.push(" ORDER BY ");
        self.list(", ", order, |w, term| {
            w.expr(&term.by)?;
            match w.dialect {
                // NULL is smallest without being told.
                Dialect::Sqlite => w.push(if term.descending { " DESC" } else { "" }),
            }
            Ok(())
        })
    }
}
