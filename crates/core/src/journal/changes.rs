//! `reprieve_changes`: what references held that a deletion cleared (SET NULL, SET DEFAULT).

use super::Journal;
use crate::error::Result;
use crate::query::{
    Comparison, Delete, Expr, Insert, Order, Predicate, Rows, Select, Source, Statement, Update,
};
use crate::schema::{Column, ColumnType, Edge, Marker, Table};
use crate::value::Value;
use std::sync::Arc;

// 0 is its own key.
const DELETION_ID: usize = 1;
/// The table changed.
const TABLE: usize = 2;
/// The key of the row changed, as it is stored in its table.
const KEY: usize = 3;
/// The column changed.
const COLUMN: usize = 4;
/// What it held before, as it is stored in its table.
const OLD: usize = 5;

pub(super) fn declare() -> Result<Arc<Table>> {
    Table::builder("Change", "reprieve_changes")
        .column(Column::new("id", ColumnType::Integer).primary_key())
        .column(Column::new("deletion_id", ColumnType::Uuid).not_null())
        .column(Column::new("table_name", ColumnType::Text).not_null())
        .column(Column::new("row_key", ColumnType::Any).not_null())
        .column(Column::new("column_name", ColumnType::Text).not_null())
        .column(Column::new("old_value", ColumnType::Any))
        // An undo asks of each row what it held.
        .index(["deletion_id", "table_name", "row_key"])
        .build()
}

impl Journal {
    /// A row of the changes, numbered so.
    fn change(&self, source: u8) -> Source {
        Source::any(source, &self.changes)
    }

    /// Notes the references of these children (source 0) that are going to be cleared.
    pub fn note_cleared(&self, edge: &Edge, child: &Source, rows: Predicate, deletion: Value) -> Statement {
        let note = vec![
            Expr::Bind(deletion),
            Expr::Bind(Value::from(edge.child.name.as_str())),
            child.key(),
            Expr::Bind(Value::from(edge.child.columns[edge.column].name.as_str())),
            child.column(edge.column),
        ];
        Statement::Insert(Insert {
            table: self.changes.clone(),
            columns: (DELETION_ID..=OLD).collect(),
            rows: Rows::Select(Box::new(Select::columns(child.clone(), note).filter(rows))),
            returning: Vec::new(),
        })
    }

    /// Whether a deletion cleared any reference: a query of at most one row.
    pub fn select_any_cleared(&self, deletion: &Value) -> Select {
        let any = self.change(0);
        let of = Predicate::equals(any.column(DELETION_ID), deletion.clone());
        Select::columns(any.clone(), vec![any.key()]).filter(of).limit(1)
    }

    /// Whether it cleared references of this relation: a query of at most one row.
    pub fn select_cleared(&self, edge: &Edge, deletion: &Value) -> Select {
        self.cleared(0, edge, deletion, KEY).limit(1)
    }

    /// Puts back the references of a relation that a deletion cleared, where they still hold `cleared`.
    pub fn attach(&self, edge: &Edge, deletion: &Value, cleared: Value) -> Statement {
        let child = Source::any(0, &edge.child);
        let still = |source: u8, column: usize| {
            let noted = self.cleared(source, edge, deletion, column);
            // A parent that was removed physically meanwhile cannot be referred to any more.
            let parent = Source::any(source + 1, &edge.parent);
            let there = Select::columns(parent.clone(), vec![parent.key()]);
            let old = noted.from.column(OLD);
            noted.filter(Predicate::InSelect(old, Box::new(there)))
        };
        let old = still(1, OLD);
        let of = Predicate::Compare(old.from.column(KEY), Comparison::Equal, child.key());
        // A reference that several deletions cleared comes back as it was last.
        let latest = Order::descending(old.from.key());
        let set = vec![(edge.column, Expr::Scalar(Box::new(old.filter(of).order_by(latest).limit(1))))];
        let keys = still(3, KEY);
        let filter = Predicate::InSelect(child.key(), Box::new(keys))
            .and(Predicate::equals(child.column(edge.column), cleared));
        Statement::Update(Update { target: child, set, filter, returning: Vec::new() })
    }

    /// Forgets the references that a deletion cleared.
    pub fn forget_cleared(&self, deletion: &Value) -> Statement {
        let noted = self.change(0);
        let filter = Predicate::equals(noted.column(DELETION_ID), deletion.clone());
        Statement::Delete(Delete { target: noted, filter })
    }

    /// Notes that were a deletion's become those of the deletion that holds the parents by now: the references come back
    /// with those.
    pub fn reassign_cleared(&self, edge: &Edge, parent: Marker, deletion: &Value) -> Statement {
        let noted = self.change(0);
        let old = noted.column(OLD);
        let holder = |source| self.other_holder(source, edge, old.clone(), parent, deletion);
        let set = vec![(DELETION_ID, Expr::Scalar(holder(1)))];
        let filter = about(&noted, edge, deletion).and(Predicate::Exists(holder(3)));
        Statement::Update(Update { target: noted, set, filter, returning: Vec::new() })
    }

    /// The deletion other than this one, and one that cascades, that holds the parent with this key. It takes two
    /// numbers, from `source` on.
    pub fn other_holder(
        &self,
        source: u8,
        edge: &Edge,
        key: Expr,
        marker: Marker,
        deletion: &Value,
    ) -> Box<Select> {
        let parent = Source::new(source, &edge.parent, crate::query::Visibility::Deleted);
        let holder = marker.holder(&parent);
        let same = Predicate::Compare(parent.key(), Comparison::Equal, key);
        let other = Predicate::Compare(holder.clone(), Comparison::NotEqual, Expr::Bind(deletion.clone()));
        let cascade = self.cascades(&parent, source + 1);
        Box::new(Select::columns(parent, vec![holder]).filter(same).filter(other).filter(cascade))
    }

    /// The notes of a deletion about one relation: this column of each.
    fn cleared(&self, source: u8, edge: &Edge, deletion: &Value, column: usize) -> Select {
        let noted = self.change(source);
        let about = about(&noted, edge, deletion);
        Select::columns(noted.clone(), vec![noted.column(column)]).filter(about)
    }
}

/// The note is of this deletion, about this relation.
fn about(noted: &Source, edge: &Edge, deletion: &Value) -> Predicate {
    let field = edge.child.columns[edge.column].name.as_str();
    Predicate::equals(noted.column(DELETION_ID), deletion.clone())
        .and(Predicate::equals(noted.column(TABLE), edge.child.name.as_str()))
        .and(Predicate::equals(noted.column(COLUMN), field))
}
