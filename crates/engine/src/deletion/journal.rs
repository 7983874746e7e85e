//! The journal's rows.

use crate::audit::Actor;
use crate::session::Session;
use reprieve_core::error::Result;
use reprieve_core::query::{Comparison, Expr, Insert, Predicate, Rows, Select, Source, Statement, Update};
use reprieve_core::schema::{Journal, SoftDelete, Table};
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

/// The statement that writes down a deletion whose roots are marked. That of one root writes nothing when the root is
/// not marked, so that it can go out together with the mark.
pub(super) fn open(table: &Arc<Table>, soft: SoftDelete, entry: Entry<'_>) -> Statement {
    let columns = vec![
        Journal::ID,
        Journal::AT,
        Journal::ROOT_TABLE,
        Journal::ROOT_KEYS,
        Journal::ACTOR,
        Journal::REASON,
        Journal::CASCADE,
    ];
    let values = vec![
        bind(entry.id),
        entry.at.into(),
        table.name.as_str().into(),
        entry.key.map_or(Value::Null, json_list),
        entry.actor.user_id.clone().into(),
        entry.reason.into(),
        entry.cascade.into(),
    ];
    // Only the roots are marked by now.
    let roots = Source::any(0, table);
    let marked = Predicate::equals(roots.column(soft.deletion_id), bind(entry.id));
    let mut row: Vec<Expr> = values.into_iter().map(Expr::Bind).collect();
    let filter = match entry.key {
        Some(key) => Predicate::equals(roots.key(), key.clone()).and(marked),
        None => {
            row[3] = Expr::JsonList(Box::new(roots.key()));
            marked
        }
    };
    let rows = Rows::Select(Box::new(Select::columns(roots, row).filter(filter)));
    let table = Journal::get().deletions.clone();
    Statement::Insert(Insert { table, columns, rows, returning: Vec::new() })
}

pub(super) struct Entry<'a> {
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    pub(super) key: Option<&'a Value>,
    pub(super) actor: &'a Actor,
    pub(super) reason: Option<String>,
    pub(super) cascade: bool,
}

/// Notes that a deletion is not in force any more; one that was noted before keeps its instant.
pub(super) async fn close(session: &mut Session, id: Uuid, at: Timestamp) -> Result<()> {
    let row = Source::any(0, &Journal::get().deletions);
    let in_force = Predicate::IsNull(row.column(Journal::RESTORED_AT), true);
    let filter = Predicate::equals(row.key(), bind(id)).and(in_force);
    let set = vec![(Journal::RESTORED_AT, Expr::Bind(at.into()))];
    let update = Update { target: row, set, filter, returning: Vec::new() };
    session.execute(Statement::Update(update)).await.map(drop)
}

/// Notes it for a deletion without a cascade that holds no row of its table any more.
pub(super) async fn close_if_empty(
    session: &mut Session,
    table: &Arc<Table>,
    soft: SoftDelete,
    id: &Value,
    at: Timestamp,
) -> Result<()> {
    let row = Source::any(0, &Journal::get().deletions);
    let held = Source::any(1, table);
    let of = Predicate::Compare(held.column(soft.deletion_id), Comparison::Equal, row.key());
    let rest = Select::columns(held.clone(), vec![held.key()]).filter(of);
    let filter = Predicate::equals(row.key(), id.clone())
        .and(Predicate::equals(row.column(Journal::CASCADE), false))
        .and(Predicate::Not(Box::new(Predicate::Exists(Box::new(rest)))));
    let set = vec![(Journal::RESTORED_AT, Expr::Bind(at.into()))];
    let update = Update { target: row, set, filter, returning: Vec::new() };
    session.execute(Statement::Update(update)).await.map(drop)
}

/// A key as a JSON array of one.
fn json_list(key: &Value) -> Value {
    Value::Json(match key {
        Value::Int(key) => format!("[{key}]"),
        key => serde_json::json!([crate::session::display(key)]).to_string(),
    })
}
