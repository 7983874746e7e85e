//! `SELECT`.

use super::Dialect;
use super::typed::Type;
use super::writer::Writer;
use crate::error::Result;
use crate::query::{Join, Lock, Select};

impl<'a> Writer<'a> {
    /// `SELECT … FROM … JOIN … ON … WHERE … ORDER BY … LIMIT …`.
    pub(super) fn select(&mut self, select: &'a Select) -> Result<()> {
        self.select_as(select, &[])
    }

    /// The same, with its columns as values of these types.
    pub(super) fn select_as(&mut self, select: &'a Select, types: &[Type]) -> Result<()> {
        self.within_select(select, &mut |w| w.body(select, types))
    }

    /// Writes with each of its table references in scope.
    pub(super) fn within_select(
        &mut self,
        select: &'a Select,
        write: &mut dyn FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.within(&select.from, |w| {
            w.within_given(select.given.as_ref(), |w| w.within_joins(&select.joins, write))
        })
    }

    fn within_joins(
        &mut self,
        joins: &'a [Join],
        write: &mut dyn FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        match joins.split_first() {
            Some((join, rest)) => self.within(&join.source, |w| w.within_joins(rest, write)),
            None => write(self),
        }
    }

    fn body(&mut self, select: &'a Select, types: &[Type]) -> Result<()> {
        self.push("SELECT ");
        if select.columns.is_empty() {
            self.push("1");
        }
        self.list(", ", select.columns.iter().enumerate(), |w, (i, column)| match types.get(i) {
            Some(to) => w.expr_as(column, to),
            None => w.alone(column),
        })?;
        self.push(" FROM ");
        self.table(&select.from);
        for join in &select.joins {
            self.push(" JOIN ");
            self.table(&join.source);
            self.push(" ON ");
            self.joined_rows(&join.source, &join.on)?;
        }
        if let Some(given) = &select.given {
            // A CROSS JOIN would forbid SQLite to find the rows of the table by theirs.
            self.push(", ");
            self.given(given)?;
        }
        self.rows(&select.from, &select.filter)?;
        self.order(&select.order)?;
        self.window(select.limit, select.offset);
        if let Some(lock) = select.lock {
            self.lock(lock, select);
        }
        Ok(())
    }

    /// ` FOR …`: nothing where one transaction writes at a time. Of several references it is that of the rows read.
    fn lock(&mut self, lock: Lock, select: &Select) {
        match self.dialect {
            Dialect::Sqlite => {}
            Dialect::Postgres => {
                self.push(match lock {
                    Lock::Keep => " FOR KEY SHARE OF ",
                    Lock::Change => " FOR UPDATE OF ",
                });
                self.reference(&select.from);
            }
        }
    }

    /// `SELECT count(*) FROM (SELECT … FOR …)`: the rows themselves stay where they are.
    pub(super) fn lock_and_count(&mut self, select: &'a Select) -> Result<()> {
        self.push("SELECT count(*) FROM ");
        self.subselect(select)?;
        self.push(" AS reprieve_locked");
        Ok(())
    }

    /// `(SELECT …)`.
    pub(super) fn subselect(&mut self, select: &'a Select) -> Result<()> {
        self.subselect_as(select, &[])
    }

    /// The same, with its columns as values of these types.
    pub(super) fn subselect_as(&mut self, select: &'a Select, types: &[Type]) -> Result<()> {
        self.push("(");
        self.select_as(select, types)?;
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
            (None, Dialect::Sqlite | Dialect::Postgres) => {}
        }
        if offset > 0 {
            self.push(" OFFSET ");
            self.push(&number(offset));
        }
    }
}
