//! Which rows a table reference stands for. The one place that writes liveness.
//!
//! Every statement about a [`Source`] writes its WHERE through [`Writer::rows`], so that none can forget the
//! marker. The marker comes first and is written literally, never bound: the planner uses a partial index only
//! when the text of the query implies the index's predicate, which is written by the same function.
//!
//! Source: <https://www.sqlite.org/partialindex.html>, section 3.1.

use super::identifier;
use super::writer::Writer;
use crate::error::Result;
use crate::query::{Predicate, Source, Visibility};
use crate::schema::{Scope, Table};

impl<'a> Writer<'a> {
    /// ` WHERE …`: the visible rows of the source that fulfil the filter; nothing, when that is every row.
    pub(super) fn rows(&mut self, source: &'a Source, filter: &'a Predicate) -> Result<()> {
        if marker(source).is_none() && filter.is_true() {
            return Ok(());
        }
        self.push(" WHERE ");
        self.visible(source, filter)
    }

    /// What follows ON: the visible rows of a table joined that fulfil the condition. The marker is part of the
    /// condition and not of the WHERE, so that a row without a visible counterpart is the join's to keep or drop.
    pub(super) fn joined_rows(&mut self, source: &'a Source, on: &'a Predicate) -> Result<()> {
        self.visible(source, on)
    }

    fn visible(&mut self, source: &'a Source, filter: &'a Predicate) -> Result<()> {
        let marker = marker(source);
        if let Some(deleted_at) = marker {
            self.column(source.id, deleted_at)?;
            self.push(null_test(source.visibility == Visibility::Live));
            if filter.is_true() {
                return Ok(());
            }
            self.push(" AND ");
        }
        let joins = marker.is_none() || matches!(filter, Predicate::And(list) if list.len() > 1);
        if joins { self.predicate(filter) } else { self.operand(filter) }
    }
}

/// The column that tells visible rows of the source from others, when any are not visible.
fn marker(source: &Source) -> Option<usize> {
    let marker = source.table.soft_delete.map(|soft| soft.deleted_at);
    marker.filter(|_| source.visibility != Visibility::Any)
}

/// ` WHERE …` of an index over these rows.
pub(super) fn index_rows(text: &mut String, table: &Table, scope: Scope) {
    let Some(soft) = table.soft_delete else { return };
    let (column, null) = match scope {
        Scope::All => return,
        Scope::Live => (soft.deleted_at, true),
        Scope::Deleted => (soft.deletion_id, false),
    };
    text.push_str(" WHERE ");
    identifier::quote(text, &table.columns[column].name);
    text.push_str(null_test(null));
}

fn null_test(null: bool) -> &'static str {
    if null { " IS NULL" } else { " IS NOT NULL" }
}
