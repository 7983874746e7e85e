//! `SELECT`.

use super::Dialect;
use super::writer::Writer;
use crate::error::Result;
use crate::query::Select;

impl<'a> Writer<'a> {
    /// `SELECT … FROM … WHERE … ORDER BY … LIMIT …`.
    pub(super) fn select(&mut self, select: &'a Select) -> Result<()> {
        self.within(&select.from, |w| {
            w.push("SELECT ");
            if select.columns.is_empty() {
                w.push("1");
            }
            w.list(", ", &select.columns, Self::expr)?;
            w.push(" FROM ");
            w.table(&select.from);
            w.rows(&select.from, &select.filter)?;
            w.order(&select.order)?;
            w.window(select.limit, select.offset);
            Ok(())
        })
    }

    /// `(SELECT …)`.
    pub(super) fn subselect(&mut self, select: &'a Select) -> Result<()> {
        self.push("(");
        self.select(select)?;
        self.push(")");
        Ok(())
    }

    /// ` LIMIT n OFFSET n`, as literal numbers: SQLite plans a statement with a bound LIMIT anew on each run.
    fn window(&mut self, limit: Option<u64>, offset: u64) {
        let number = |n: u64| n.min(i64::MAX as u64).to_string();
        match (limit, self.dialect) {
            (Some(limit), _) => {
                self.push(" LIMIT ");
                self.push(&number(limit));
            }
            // No OFFSET without a LIMIT.
            (None, Dialect::Sqlite) if offset > 0 => self.push(" LIMIT -1"),
            (None, Dialect::Sqlite) => {}
        }
        if offset > 0 {
            self.push(" OFFSET ");
            self.push(&number(offset));
        }
    }
}
