//! Any statement, and how far it reaches.

use super::{Comparison, Delete, Expr, Insert, Predicate, Rows, Select, Update, UpdateEach};
use crate::schema::Table;
use crate::value::Value;
use std::sync::Arc;

/// Any statement.
#[derive(Debug, Clone)]
pub enum Statement {
    /// Reads.
    Select(Select),
    /// Adds.
    Insert(Insert),
    /// Changes.
    Update(Update),
    /// Changes, each row to values of its own.
    UpdateEach(UpdateEach),
    /// Removes.
    Delete(Delete),
    /// Reads how many rows the query finds, and locks them as it says. Its order is that in which they are locked.
    Lock(Select),
}

/// How much work a statement may be, judged by its form. A driver that runs statements on the caller's thread
/// runs writes of one row there and hands writes of sets to another thread; reads it can interrupt, so that
/// their reach does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One row, found by its key, or a handful of new ones.
    Row,
    /// Any number of rows.
    Set,
}

/// So many rows are written as fast as one.
const HANDFUL: usize = 16;

impl Statement {
    /// The table that it reads first, or writes.
    pub fn table(&self) -> &Arc<Table> {
        match self {
            Self::Select(select) | Self::Lock(select) => &select.from.table,
            Self::Insert(insert) => &insert.table,
            Self::Update(update) => &update.target.table,
            Self::UpdateEach(each) => &each.update.target.table,
            Self::Delete(delete) => &delete.target.table,
        }
    }

    /// The column of [its table](Self::table) that its condition compares with such a value.
    pub fn column_compared_with(&self, such: &dyn Fn(&Value) -> bool) -> Option<usize> {
        let (of, filter) = match self {
            Self::Select(select) | Self::Lock(select) => (&select.from, &select.filter),
            Self::Update(Update { target, filter, .. }) | Self::Delete(Delete { target, filter }) => {
                (target, filter)
            }
            Self::Insert(_) | Self::UpdateEach(_) => return None,
        };
        match filter.compared_with(such)? {
            Expr::Column { source, position } if *source == of.id => Some(*position),
            _ => None,
        }
    }

    /// Whether it changes rows.
    pub fn writes(&self) -> bool {
        !matches!(self, Self::Select(_) | Self::Lock(_))
    }

    /// How far it reaches, by its form.
    pub fn reach(&self) -> Reach {
        let row = match self {
            Self::Select(_) | Self::Lock(_) => return Reach::Set,
            Self::Insert(Insert { rows: Rows::Values(rows), .. }) => rows.len() <= HANDFUL,
            Self::Insert(Insert { rows: Rows::Select(select), .. }) => match &select.given {
                Some(given) => given.rows.len() <= HANDFUL,
                None => names_key(&select.filter, select.from.id, select.from.table.primary_key),
            },
            Self::UpdateEach(UpdateEach { given, .. }) => given.rows.len() <= HANDFUL,
            Self::Update(Update { target, filter, .. }) | Self::Delete(Delete { target, filter }) => {
                names_key(filter, target.id, target.table.primary_key)
            }
        };
        if row { Reach::Row } else { Reach::Set }
    }
}

/// Whether the predicate demands one value of the source's primary key.
fn names_key(predicate: &Predicate, of: u8, key: usize) -> bool {
    match predicate {
        Predicate::And(list) => list.iter().any(|p| names_key(p, of, key)),
        Predicate::Compare(Expr::Column { source, position }, Comparison::Equal, Expr::Bind(_)) => {
            (*source, *position) == (of, key)
        }
        _ => false,
    }
}
