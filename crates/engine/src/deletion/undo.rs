//! Undo: the exact inverse of one deletion.

use super::receipt::{Restoration, count};
use super::restore::{keep_parents, unmark};
use super::{absent, conflict, hand_over, journal, noted};
use crate::audit::Actor;
use crate::session::{Session, Verb, display};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{
    Comparison, Delete, Expr, Lock, Order, Predicate, Select, Source, Statement, Update, Visibility,
};
use reprieve_core::schema::{Graph, Journal, Table};
use reprieve_core::value::{Timestamp, Value};
use std::sync::Arc;
use uuid::Uuid;

impl Session {
    /// Undoes a deletion: every row that it still holds is live again, and references that it cleared are back,
    /// unless they were changed since. Rows whose parent another deletion holds become that deletion's.
    ///
    /// # Errors
    /// When there is no such deletion, or a live row took a unique key meanwhile. Nothing is changed then.
    pub async fn undo(&mut self, deletion: Uuid, actor: &Actor) -> Result<Restoration> {
        let at = self.database.inner.clock.now();
        let mut done = Restoration::default();
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        verb.turn_lives();
        let result = undo(&mut verb, &journal::bind(deletion), at, actor, &mut done).await;
        let result = verb.leave(scope, result).await;
        verb.finish(result.map(|()| done))
    }
}

pub(super) async fn undo(
    session: &mut Session,
    id: &Value,
    at: Timestamp,
    actor: &Actor,
    done: &mut Restoration,
) -> Result<()> {
    let tables = tables_of(session, id).await?;
    let (graph, locks) = (session.graph.clone(), session.locks());
    for table in tables.iter().filter(|_| locks) {
        for edge in graph.parents(table).iter().filter(|edge| edge.parent.soft_delete.is_some()) {
            let child = Source::any(1, table);
            let soft = super::delete::markers(table)?;
            let held = Predicate::equals(child.column(soft.deletion_id), id.clone());
            keep_parents(session, edge, child, held).await?;
        }
    }
    hand_over::hand_over(session, &tables, id, &mut done.handed_over, actor).await?;
    for table in &tables {
        absent::or_none(conflict::refuse(session, table, &held(table, id)?).await, table)?;
    }
    attach(session, id).await?;
    for table in &tables {
        let soft = super::delete::markers(table)?;
        let row = Source::new(0, table, Visibility::Deleted);
        let restored =
            absent::or_none(unmark(session, &row, soft, held(table, id)?, at, actor).await, table)?;
        count(&mut done.restored, &table.name, restored);
    }
    if let Value::Uuid(bytes) = id {
        journal::close(session, Uuid::from_bytes(*bytes), at).await?;
    }
    Ok(())
}

/// The rows of a table (source 0) that the deletion holds.
fn held(table: &Arc<Table>, id: &Value) -> Result<Predicate> {
    let soft = super::delete::markers(table)?;
    Ok(Predicate::equals(Source::any(0, table).column(soft.deletion_id), id.clone()))
}

/// The tables that the deletion can hold rows in: its root's, and with a cascade all that relations lead to. Those that
/// a cascade does not follow count too: rows of another deletion may have been handed over by them.
async fn tables_of(session: &mut Session, id: &Value) -> Result<Vec<Arc<Table>>> {
    let row = Source::any(0, &Journal::get().deletions);
    let columns = vec![row.column(Journal::ROOT_TABLE), row.column(Journal::CASCADE)];
    // Whoever undoes it at the same time waits here, and finds it undone.
    let select = Select::columns(row.clone(), columns)
        .filter(Predicate::equals(row.key(), id.clone()))
        .lock(Lock::Change);
    let found = session.rows(select).await?;
    let Some([Value::Text(root), cascade]) = found.first().map(Vec::as_slice) else {
        return Err(Error::new(
            Kind::NotFound,
            format!("There is no deletion {} in the journal: nothing to undo", display(id)),
        ));
    };
    let graph = session.graph.clone();
    let Some(root) = graph.tables().iter().find(|t| t.name == *root) else {
        return Err(Error::new(
            Kind::Schema,
            format!(
                "Deletion {} is of the table '{root}', which no model declares: import its model",
                display(id)
            ),
        ));
    };
    Ok(match cascade {
        Value::Int(0) | Value::Bool(false) => vec![root.clone()],
        _ => reachable(&graph, root),
    })
}

fn reachable(graph: &Graph, root: &Arc<Table>) -> Vec<Arc<Table>> {
    let mut tables = vec![root.clone()];
    let mut next = 0;
    while let Some(parent) = tables.get(next).cloned() {
        next += 1;
        for edge in graph.children(&parent) {
            if edge.child.soft_delete.is_some() && !edge.child.is_among(&tables) {
                tables.push(edge.child.clone());
            }
        }
    }
    tables
}

/// Puts back the references that the deletion cleared and that are still clear, and forgets them.
async fn attach(session: &mut Session, id: &Value) -> Result<()> {
    let edges = noted::edges(session, id).await?;
    for edge in &edges {
        let child = Source::any(0, &edge.child);
        let still = |source: u8, column: usize| {
            let noted = noted::references(source, edge, id, column);
            // A parent that was removed physically meanwhile cannot be referred to any more.
            let parent = Source::any(source + 1, &edge.parent);
            let there = Select::columns(parent.clone(), vec![parent.key()]);
            let old = noted.from.column(Journal::CHANGE_OLD);
            noted.filter(Predicate::InSelect(old, Box::new(there)))
        };
        let old = still(1, Journal::CHANGE_OLD);
        let of = Predicate::Compare(old.from.column(Journal::CHANGE_KEY), Comparison::Equal, child.key());
        // A reference that several deletions cleared comes back as it was last.
        let latest = Order::descending(old.from.key());
        let set = vec![(edge.column, Expr::Scalar(Box::new(old.filter(of).order_by(latest).limit(1))))];
        let keys = still(3, Journal::CHANGE_KEY);
        let filter = Predicate::InSelect(child.key(), Box::new(keys))
            .and(Predicate::equals(child.column(edge.column), noted::cleared(edge)));
        let update = Update { target: child, set, filter, returning: Vec::new() };
        session.execute(Statement::Update(update)).await?;
    }
    if !edges.is_empty() {
        let noted = Source::any(0, &Journal::get().changes);
        let filter = Predicate::equals(noted.column(Journal::CHANGE_DELETION_ID), id.clone());
        session.execute(Statement::Delete(Delete { target: noted, filter })).await?;
    }
    Ok(())
}
