//! Relations: which rows of one table belong to given rows of another.
//!
//! A face names a path and the keys of the rows it has; [`RelationPath::select`] is the statement that finds what
//! belongs to all of them at once. Visible rows of the target only: that is the compiler's.

use super::{Comparison, Join, Order, Predicate, Select, Source, Visibility};
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
        self.among(Select::rows(Source::new(0, &self.target, visibility)), keys)
    }

    /// Narrows a select of rows of the target to those that belong to one of the keys; that key is its last column. Its
    /// order holds for all rows, those of one key among them; without one they come by key. The row's own key decides
    /// between equals.
    pub fn among(&self, mut select: Select, keys: Vec<Value>) -> Select {
        let row = select.from.clone();
        let near = match &self.via {
            Via::Column(column) => row.column(*column),
            Via::Links { table, near, far } => {
                let link = Source::live(LINKS, table);
                let linked = Predicate::Compare(row.key(), Comparison::Equal, link.column(*far));
                let near = link.column(*near);
                select.from = link;
                select.joins.insert(0, Join { source: row.clone(), on: linked });
                near
            }
        };
        select.filter = Predicate::In(near.clone(), padded(keys)).and(select.filter);
        select.columns.push(near.clone());
        if matches!(&self.via, Via::Column(column) if *column == self.target.primary_key) {
            return select;
        }
        if select.order.is_empty() {
            select.order.push(Order::ascending(near));
        }
        select.order_by(Order::ascending(row.key()))
    }

    /// What a row of the target fulfils that belongs to this key. NULL is no key: nothing belongs to it.
    pub fn belongs(&self, row: &Source, key: Value) -> Predicate {
        if key.is_null() {
            return Predicate::Or(Vec::new());
        }
        match &self.via {
            Via::Column(column) => Predicate::equals(row.column(*column), key),
            Via::Links { table, near, far } => {
                let link = Source::live(LINKS, table);
                let linked = Select::columns(link.clone(), vec![link.column(*far)]);
                let linked = linked.filter(Predicate::equals(link.column(*near), key));
                Predicate::InSelect(row.key(), Box::new(linked))
            }
        }
    }
}

/// The number of the table of links in a statement: one that no other reference to a table has.
const LINKS: u8 = u8::MAX;

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
