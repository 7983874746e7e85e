//! Ids of deletions, and the journal's statements as they are run.

use crate::session::Session;
use reprieve_core::error::Result;
use reprieve_core::journal::Journal;
use reprieve_core::schema::{Marker, Table};
use reprieve_core::value::{Timestamp, Value};
use std::sync::Arc;
use uuid::Uuid;

/// A new id: a UUIDv7 of the instant, so that ids sort by time.
pub(super) fn new_id(at: Timestamp) -> Uuid {
    let us = at.microseconds().max(0).unsigned_abs();
    let seconds = us / 1_000_000;
    let nanos = (us % 1_000_000) as u32 * 1000;
    Uuid::new_v7(uuid::Timestamp::from_unix_time(seconds, nanos, 0, 0))
}

/// The id as it is bound.
pub(super) fn bind(id: Uuid) -> Value {
    Value::Uuid(id.into_bytes())
}

/// A key as a JSON array of one.
pub(super) fn list_of(key: &Value) -> String {
    match key {
        Value::Int(key) => format!("[{key}]"),
        key => serde_json::json!([crate::session::display(key)]).to_string(),
    }
}

/// Notes that a deletion is not in force any more.
pub(super) async fn close(session: &mut Session, deletion: &Value, at: Timestamp) -> Result<()> {
    session.execute(Journal::get().close(deletion.clone(), at)).await.map(drop)
}

/// Notes it for a deletion without a cascade that holds no row of its table any more.
pub(super) async fn close_if_empty(
    session: &mut Session,
    table: &Arc<Table>,
    marker: Marker,
    deletion: &Value,
    at: Timestamp,
) -> Result<()> {
    session.execute(Journal::get().close_if_empty(table, marker, deletion.clone(), at)).await.map(drop)
}
