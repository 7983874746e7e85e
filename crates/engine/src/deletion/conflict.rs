//! Unique keys that live rows took while a row was deleted.

use crate::session::{Session, display};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Comparison, Predicate, Select, Source, Visibility};
use reprieve_core::schema::{Scope, Table};
use std::sync::Arc;

/// Refuses the restore of deleted rows of a table that collide with live ones; lists every conflict.
pub(super) async fn refuse(session: &mut Session, table: &Arc<Table>, rows: &Predicate) -> Result<()> {
    let mut conflicts = Vec::new();
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
            let pairs: Vec<String> = index
                .columns
                .iter()
                .zip(&found[1..])
                .map(|(&column, value)| format!("{}={}", table.columns[column].name, display(value)))
                .collect();
            conflicts.push(format!("{} {} ({})", table.model, display(&found[0]), pairs.join(", ")));
        }
    }
    if conflicts.is_empty() {
        return Ok(());
    }
    let list = conflicts.join("; ");
    Err(Error::new(
        Kind::RestoreConflict,
        format!(
            "Cannot restore: a live row has taken a unique key meanwhile: {list}. Change or delete the live row, or \
             change the key of the deleted one, then restore again"
        ),
    )
    .model(&table.model)
    .value(list))
}

/// Two rows that are restored together hold the same unique key.
pub(super) fn among_themselves(table: &Table, error: Error) -> Error {
    let field = error.place().field.clone().unwrap_or_default();
    Error::new(
        Kind::RestoreConflict,
        format!(
            "Cannot restore: two of the {} rows to be restored hold the same {field}, which is unique among live \
             rows. Restore one of them, or change its {field} first",
            table.model
        ),
    )
    .model(&table.model)
    .field(field)
    .because(error)
}
