//! References that a deletion cleared (SET NULL, SET DEFAULT), as the journal notes them.

use crate::session::Session;
use reprieve_core::error::Result;
use reprieve_core::journal::Journal;
use reprieve_core::schema::{Edge, OnDelete};
use reprieve_core::value::Value;

/// What a cleared reference holds.
pub(super) fn cleared(edge: &Edge) -> Value {
    match edge.on_delete {
        OnDelete::SetDefault => edge.child.columns[edge.column].default.clone().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

/// The relations that the deletion has notes about.
pub(super) async fn edges(session: &mut Session, id: &Value) -> Result<Vec<Edge>> {
    let mut found = Vec::new();
    if session.rows(Journal::get().select_any_cleared(id)).await?.is_empty() {
        return Ok(found);
    }
    let graph = session.graph.clone();
    for edge in graph.tables().iter().flat_map(|table| graph.parents(table)) {
        if !matches!(edge.on_delete, OnDelete::SetNull | OnDelete::SetDefault) {
            continue;
        }
        if !session.rows(Journal::get().select_cleared(edge, id)).await?.is_empty() {
            found.push(edge.clone());
        }
    }
    Ok(found)
}
