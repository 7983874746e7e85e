//! Undo: the exact inverse of one deletion.

use super::delete::marker;
use super::receipt::{Restoration, count};
use super::restore::{keep_parents, unmark};
use super::{absent, conflict, hand_over, journal, noted};
use crate::audit::Actor;
use crate::session::{Session, Verb, display};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::{Journal, Root};
use reprieve_core::query::{Predicate, Source, Visibility};
use reprieve_core::schema::{Graph, Table};
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
        for edge in graph.parents(table).iter().filter(|edge| edge.parent.marker.is_some()) {
            let child = Source::any(1, table);
            let held = marker(table)?.is_held_by(&child, id.clone());
            keep_parents(session, edge, child, held).await?;
        }
    }
    hand_over::hand_over(session, &tables, id, &mut done.handed_over, actor).await?;
    for table in &tables {
        absent::or_none(conflict::refuse(session, table, &held(table, id)?).await, table)?;
    }
    attach(session, id).await?;
    for table in &tables {
        let row = Source::new(0, table, Visibility::Deleted);
        let unmarked = unmark(session, &row, marker(table)?, held(table, id)?, at, actor).await;
        let restored = absent::or_none(unmarked, table)?;
        count(&mut done.restored, &table.name, restored);
    }
    journal::close(session, id, at).await
}

/// The rows of a table (source 0) that the deletion holds.
fn held(table: &Arc<Table>, id: &Value) -> Result<Predicate> {
    Ok(marker(table)?.is_held_by(&Source::any(0, table), id.clone()))
}

/// The tables that the deletion can hold rows in: its root's, and with a cascade all that relations lead to. Those that
/// a cascade does not follow count too: rows of another deletion may have been handed over by them.
async fn tables_of(session: &mut Session, id: &Value) -> Result<Vec<Arc<Table>>> {
    let found = session.rows(Journal::get().select_root(id)).await?;
    let Some(Root { table: root, cascade }) = Journal::root(&found) else {
        return Err(Error::new(
            Kind::NotFound,
            format!("There is no deletion {} in the journal: nothing to undo", display(id)),
        ));
    };
    let graph = session.graph.clone();
    let Some(root) = graph.tables().iter().find(|t| t.name == root) else {
        return Err(Error::new(
            Kind::Schema,
            format!(
                "Deletion {} is of the table '{root}', which no model declares: import its model",
                display(id)
            ),
        ));
    };
    Ok(if cascade { reachable(&graph, root) } else { vec![root.clone()] })
}

fn reachable(graph: &Graph, root: &Arc<Table>) -> Vec<Arc<Table>> {
    let mut tables = vec![root.clone()];
    let mut next = 0;
    while let Some(parent) = tables.get(next).cloned() {
        next += 1;
        for edge in graph.children(&parent) {
            if edge.child.marker.is_some() && !edge.child.is_among(&tables) {
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
        session.execute(Journal::get().attach(edge, id, noted::cleared(edge))).await?;
    }
    if !edges.is_empty() {
        session.execute(Journal::get().forget_cleared(id)).await?;
    }
    Ok(())
}
