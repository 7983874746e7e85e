//! Relations: which rows of one table belong to given rows of another.
//!
//! A face names a path and the keys of the rows it has; [`RelationPath::select`] is the statement that finds what
//! belongs to all of them at once. Visible rows of the target only: that is the compiler's.

use super::{Comparison, Order, Predicate, Select, Source, Visibility};
use crate::schema::Table;
use crate::value::Value;
use std::sync::Arc;

/// The way from a row's key, or from its reference, to the rows that belong to it.
#[derive(Debug, Clone)]
pub struct RelationPath {
    /// The table of the rows that belong.
    pub target: Arc<Table>,
    /// How they are found.
    pub via: Via,
}

/// How the rows of a relation are found.
#[derive(Debug, Clone)]
pub enum Via {
    /// This column of theirs holds the key: their primary key, when a reference leads to them; or their reference.
    Column(usize),
    /// A table of links names both.
    Links {
        /// The table.
        table: Arc<Table>,
        /// Its column with the key that is asked for.
        near: usize,
        /// Its column with the key of the row that belongs to it.
        far: usize,
    },
}

impl RelationPath {
    /// The visible columns of each visible row of the target that belongs to one of the keys, then that key as the
    /// last column; by key, then by the row's own key.
    pub fn select(&self, keys: Vec<Value>, visibility: Visibility) -> Select {
        let (select, row, near) = match &self.via {
            Via::Column(column) => {
                let row = Source::new(0, &self.target, visibility);
                let near = row.column(*column);
                (Select::rows(row.clone()), row, near)
            }
            Via::Links { table, near, far } => {
                let (link, row) = (Source::live(0, table), Source::new(1, &self.target, visibility));
                let linked = Predicate::Compare(row.key(), Comparison::Equal, link.column(*far));
                let columns = self.target.visible_columns().map(|position| row.column(position)).collect();
                let near = link.column(*near);
                (Select::columns(link, columns).join(row.clone(), linked), row, near)
            }
        };
        let mut select = select.filter(Predicate::In(near.clone(), padded(keys)));
        select.columns.push(near.clone());
        if matches!(&self.via, Via::Column(column) if *column == self.target.primary_key) {
            return select;
        }
        select.order_by(Order::ascending(near)).order_by(Order::ascending(row.key()))
    }
}

/// Lists of similar length get the same text, which is prepared once: a few of the keys are named twice.
fn padded(mut keys: Vec<Value>) -> Vec<Value> {
    let length = keys.len();
    if let Some(last) = keys.last().cloned()
        && length < LONGEST_PADDED
    {
        let step = (length.next_power_of_two() / 8).max(1);
        keys.resize(length.next_multiple_of(step), last);
    }
    keys
}

/// Longer lists have texts that are not remembered.
const LONGEST_PADDED: usize = 4096;
