//! Reading rows.

use super::{Expr, Given, Order, Predicate, Source};

/// A table joined to a SELECT: a row of the SELECT needs a visible row of it (an inner join).
#[derive(Debug, Clone)]
pub struct Join {
    /// The table and the rows of it that can be joined.
    pub source: Source,
    /// Which rows belong together.
    pub on: Predicate,
}

/// A SELECT.
#[derive(Debug, Clone)]
pub struct Select {
    /// The table read.
    pub from: Source,
    /// The tables joined to it, each row of one with each row of the others that its condition allows.
    pub joins: Vec<Join>,
    /// Rows of values beside them.
    pub given: Option<Given>,
    /// What is computed for each row.
    pub columns: Vec<Expr>,
    /// Which rows.
    pub filter: Predicate,
    /// In which order.
    pub order: Vec<Order>,
    /// At most this many. Written into the text: SQLite plans a statement anew on each run when it is bound.
    pub limit: Option<u64>,
    /// After leaving out this many.
    pub offset: u64,
    /// What others may not do with the rows of its table until the transaction ends; where one transaction writes at a
    /// time, they cannot anyway.
    pub lock: Option<Lock>,
}

/// What others may not do with a row until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Remove it or lock it for [`Lock::Change`]: its children are being written. Others may do the same at once.
    Keep,
    /// Anything: it is being changed together with its children.
    Change,
}

impl Select {
    /// The visible columns of each row of a source.
    pub fn rows(from: Source) -> Self {
        let columns = from.table.visible_columns().map(|position| from.column(position)).collect();
        Self::columns(from, columns)
    }

    /// These expressions for each row of a source.
    pub fn columns(from: Source, columns: Vec<Expr>) -> Self {
        Self {
            from,
            joins: Vec::new(),
            given: None,
            columns,
            filter: Predicate::True,
            order: Vec::new(),
            limit: None,
            offset: 0,
            lock: None,
        }
    }

    /// Joins the visible rows of a table that fulfil this.
    #[must_use]
    pub fn join(mut self, source: Source, on: Predicate) -> Self {
        self.joins.push(Join { source, on });
        self
    }

    /// Narrows it to rows that also fulfil this.
    #[must_use]
    pub fn filter(mut self, predicate: Predicate) -> Self {
        self.filter = self.filter.and(predicate);
        self
    }

    /// Adds a term to the order.
    #[must_use]
    pub fn order_by(mut self, order: Order) -> Self {
        self.order.push(order);
        self
    }

    /// Limits the number of rows.
    #[must_use]
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Locks the rows of its table that it finds.
    #[must_use]
    pub fn lock(mut self, lock: Lock) -> Self {
        self.lock = Some(lock);
        self
    }

    /// Makes the order one of all rows: those that it holds equal follow by key.
    pub fn order_all(&mut self) {
        let key = (self.from.id, self.from.table.primary_key);
        let by_key =
            |term: &Order| matches!(term.by, Expr::Column { source, position } if (source, position) == key);
        if !self.order.iter().any(by_key) {
            self.order.push(Order::ascending(self.from.key()));
        }
    }

    /// Turns the order round.
    pub fn reverse(&mut self) {
        for term in &mut self.order {
            term.descending = !term.descending;
        }
    }
}
