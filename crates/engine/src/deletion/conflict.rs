//! Unique keys that live rows took while a row was deleted.

use crate::session::{Session, display};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Comparison, Predicate, Select, Source, Visibility};
use reprieve_core::schema::{Scope, Table};
use reprieve_core::value::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Refuses the restore of deleted rows of a table that collide with live ones; lists every conflict.
pub(super) async fn refuse(session: &mut Session, table: &Arc<Table>, rows: &Predicate) -> Result<()> {
    let (mut conflicts, mut taken_by) = (Vec::new(), BTreeSet::new());
    for index in table.indexes.iter().filter(|index| index.unique && index.scope == Scope::Live) {
        let row = Source::new(0, table, Visibility::Deleted);
        // The predicate may use the sources up to 3.
        let live = Source::live(9, table);
        let same = index.columns.iter().fold(Predicate::True, |all, &column| {
            all.and(Predicate::Compare(live.column(column), Comparison::Equal, row.column(column)))
        });
        let taken = Select::columns(live.clone(), vec![live.key()]).filter(same);
        let columns =
            std::iter::once(row.key()).chain(index.columns.iter().map(|&c| row.column(c))).collect();
        let select =
            Select::columns(row, columns).filter(rows.clone()).filter(Predicate::Exists(Box::new(taken)));
        for found in session.rows(select).await? {
            let terms = terms(table, &index.columns, &found[1..]);
            conflicts.push(format!("{} {} ({terms})", table.model, display(&found[0])));
            taken_by.extend(index.columns.iter().map(|c| table.columns[*c].name.as_str()));
        }
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    let list = conflicts.join("; ");
    let fields = taken_by.into_iter().collect::<Vec<_>>().join(", ");
    Err(Error::new(
        Kind::RestoreConflict,
        format!(
            "Cannot restore: a live row has taken a unique key meanwhile: {list}. Change or delete the live row, or \
             change the key of the deleted one, then restore again"
        ),
    )
    .detail(format!("Cannot restore: a live {} has taken the same {fields} meanwhile", table.model))
    .model(&table.model)
    .value(list))
}

/// Two rows that are restored together hold the same unique key: lists them.
pub(super) async fn among_themselves(session: &mut Session, row: &Source, rows: &Predicate) -> Error {
    let table = &row.table;
    let mut conflicts = Vec::new();
    for index in table.indexes.iter().filter(|index| index.unique && index.scope == Scope::Live) {
        let columns =
            std::iter::once(row.key()).chain(index.columns.iter().map(|&c| row.column(c))).collect();
        let found = match session.rows(Select::columns(row.clone(), columns).filter(rows.clone())).await {
            Ok(found) => found,
            Err(error) => return error,
        };
        let mut first: HashMap<String, String> = HashMap::new();
        for one in found.iter().filter(|one| one[1..].iter().all(|value| !value.is_null())) {
            let (key, terms) = (display(&one[0]), terms(table, &index.columns, &one[1..]));
            match first.get(&terms) {
                Some(other) => conflicts.push(format!("{} {other} and {key} ({terms})", table.model)),
                None => drop(first.insert(terms, key)),
            }
        }
    }
    let list = conflicts.join("; ");
    Error::new(
        Kind::RestoreConflict,
        format!(
            "Cannot restore: rows that are restored together hold the same unique key: {list}. Restore one of them, or \
             change the key of the other first"
        ),
    )
    .detail(format!("Cannot restore: {} rows that are restored together hold the same unique key", table.model))
    .model(&table.model)
    .value(list)
}

fn terms(table: &Table, columns: &[usize], values: &[Value]) -> String {
    let pair =
        |(&column, value): (&usize, &Value)| format!("{}={}", table.columns[column].name, display(value));
    columns.iter().zip(values).map(pair).collect::<Vec<_>>().join(", ")
}
