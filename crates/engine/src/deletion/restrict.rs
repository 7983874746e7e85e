//! What forbids a deletion: live rows that refer to it by a relation with RESTRICT, and a default that names a row which
//! a deletion holds.

use super::cascade::children_of_held;
use super::{journal, noted};
use crate::session::{Session, display};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::Journal;
use reprieve_core::query::{Select, Source};
use reprieve_core::schema::Edge;
use reprieve_core::value::Value;
use uuid::Uuid;

/// So many rows are named.
const SHOWN: usize = 10;

/// Asks for the live children of what the deletion holds; [`refuse`] takes the answer.
pub(super) fn live_children(edge: &Edge, id: Uuid) -> Result<Select> {
    let child = Source::live(0, &edge.child);
    let rows = children_of_held(edge, &child, id)?;
    let columns = vec![child.key(), child.column(edge.column)];
    Ok(Select::columns(child, columns).filter(rows).limit(SHOWN as u64 + 1))
}

/// Refuses the deletion when there are any.
pub(super) fn refuse(edge: &Edge, found: &[Vec<Value>]) -> Result<()> {
    let Some(first) = found.first() else { return Ok(()) };
    let keys: Vec<String> = found.iter().take(SHOWN).map(|row| display(&row[0])).collect();
    let more = if found.len() > SHOWN { ", …" } else { "" };
    let (parent, child) = (&edge.parent, &edge.child);
    let key = display(&first[1]);
    let detail = format!("{} cannot be deleted: {} rows refer to it", parent.model, child.model);
    Err(Error::new(
        Kind::Restricted,
        format!(
            "{} {key} cannot be deleted: live {} rows refer to it by {} (on_delete=RESTRICT): {}={}{more}. Delete or \
             reassign them first",
            parent.model,
            child.model,
            child.columns[edge.column].name,
            child.key().name,
            keys.join(", "),
        ),
    )
    .detail(detail)
    .model(&parent.model)
    .field(&child.columns[edge.column].name)
    .value(key))
}

/// A reference that became its default must not name a row that a cascade holds, this one included.
pub(super) async fn refuse_held_default(session: &mut Session, edge: &Edge, id: Uuid) -> Result<()> {
    let default = noted::cleared(edge);
    let noted = Journal::get().select_cleared(edge, &journal::bind(id));
    if default.is_null() || session.rows(noted).await?.is_empty() {
        return Ok(());
    }
    session.check_parent(&edge.child, edge.column, &edge.parent, &default).await
}
