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
use crate::schema::{Condition, Scope, Table};

impl<'a> Writer<'a> {
    /// ` WHERE …`: the visible rows of the source that fulfil the filter; nothing, when that is every row.
    pub(super) fn rows(&mut self, source: &'a Source, filter: &'a Predicate) -> Result<()> {
        if condition(source).is_none() && filter.is_true() {
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
        let condition = condition(source);
        if let Some(condition) = condition {
            let (column, test) = written(condition);
            self.column(source.id, column)?;
            self.push(test);
            if filter.is_true() {
                return Ok(());
            }
            self.push(" AND ");
        }
        let joins = condition.is_none() || matches!(filter, Predicate::And(list) if list.len() > 1);
        if joins { self.predicate(filter) } else { self.operand(filter) }
    }
}

/// What tells visible rows of the source from others, when some are not visible.
fn condition(source: &Source) -> Option<Condition> {
    let marker = source.table.marker?;
    match source.visibility {
        Visibility::Live => Some(marker.live()),
        Visibility::Deleted => Some(marker.deleted()),
        Visibility::Any => None,
    }
}

/// ` WHERE …` of an index over these rows; nothing, when it has all of them.
pub(super) fn index_rows(text: &mut String, table: &Table, scope: Scope) {
    let Some(condition) = table.marker.and_then(|marker| marker.indexed(scope)) else { return };
    let (column, test) = written(condition);
    text.push_str(" WHERE ");
    identifier::quote(text, &table.columns[column].name);
    text.push_str(test);
}

/// The column, and what is said of it.
fn written(condition: Condition) -> (usize, &'static str) {
    match condition {
        Condition::Null(column) => (column, " IS NULL"),
        Condition::NotNull(column) => (column, " IS NOT NULL"),
    }
}

/// ` WHERE …` of an index, for a person who looks for its rows; empty, when it has all of them.
pub fn rows_of_index(table: &Table, scope: Scope) -> String {
    let mut text = String::new();
    index_rows(&mut text, table, scope);
    text
}
