//! What a deletion does to children, relation by relation.
//!
//! Breadth first from the roots' table: each relation takes one statement for all the rows that the deletion holds
//! in the parent's table. A table that gained rows is visited again, so that relations of a table to itself and
//! cycles of tables are followed until nothing is added.

use super::delete::mark;
use super::receipt::{Deletion, count};
use super::{absent, journal, noted};
use crate::audit::Actor;
use crate::session::Session;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Expr, Predicate, Select, Source, Statement, Update};
use reprieve_core::schema::{Edge, Journal, OnDelete, Table};
use std::collections::VecDeque;
use std::sync::Arc;
use uuid::Uuid;

/// Takes children along (when the deletion cascades) and refuses the deletion when a live child forbids it.
pub(super) async fn follow(
    session: &mut Session,
    root: &Arc<Table>,
    deletion: &mut Deletion,
    cascade: bool,
    actor: &Actor,
) -> Result<()> {
    let graph = session.graph.clone();
    let mut held = vec![root.clone()];
    let mut pending = VecDeque::from([root.clone()]);
    while cascade && let Some(parent) = pending.pop_front() {
        for edge in graph.children(&parent) {
            let rows = absent::or_none(take(session, edge, deletion, actor).await, &edge.child)?;
            count(&mut deletion.taken, &edge.child.name, rows);
            if rows > 0 && !pending.iter().any(|t| t.id == edge.child.id) {
                pending.push_back(edge.child.clone());
            }
            if rows > 0 && !held.iter().any(|t| t.id == edge.child.id) {
                held.push(edge.child.clone());
            }
        }
    }
    for parent in &held {
        for edge in graph.children(parent).iter().filter(|e| e.on_delete == OnDelete::SetDefault) {
            refuse_held_default(session, edge, deletion.id).await?;
        }
    }
    // At the end: a child that a cascade takes by another way forbids nothing.
    for parent in &held {
        for edge in graph.children(parent).iter().filter(|e| e.on_delete == OnDelete::Restrict) {
            refuse_live_children(session, edge, deletion.id).await?;
        }
    }
    Ok(())
}

/// The children of the rows that the deletion holds in the edge's parent table.
pub(super) fn children_of_held(edge: &Edge, child: &Source, id: Uuid) -> Result<Predicate> {
    let soft = super::delete::markers(&edge.parent)?;
    let parent = Source::any(child.id + 1, &edge.parent);
    let held = Predicate::equals(parent.column(soft.deletion_id), journal::bind(id));
    let keys = Select::columns(parent.clone(), vec![parent.key()]).filter(held);
    Ok(Predicate::InSelect(child.column(edge.column), Box::new(keys)))
}

/// Follows one relation; returns the rows taken.
async fn take(session: &mut Session, edge: &Edge, deletion: &Deletion, actor: &Actor) -> Result<u64> {
    let child = Source::live(0, &edge.child);
    let rows = children_of_held(edge, &child, deletion.id)?;
    match edge.on_delete {
        OnDelete::Cascade => match edge.child.soft_delete {
            Some(soft) => mark(session, &child, soft, rows, &[], deletion.id, deletion.at, actor).await,
            // Without soft delete there is nothing to mark: the database's matter when the parent is purged.
            None => Ok(0),
        },
        OnDelete::SetNull | OnDelete::SetDefault => detach(session, edge, child, rows, deletion.id).await,
        OnDelete::Restrict | OnDelete::NoAction => Ok(0),
    }
}

/// Clears the reference, and writes down what it was.
async fn detach(session: &mut Session, edge: &Edge, child: Source, rows: Predicate, id: Uuid) -> Result<u64> {
    if noted::note(session, edge, &child, rows.clone(), id).await? > 0 {
        let set = vec![(edge.column, Expr::Bind(noted::cleared(edge)))];
        let update = Update { target: child, set, filter: rows, returning: Vec::new() };
        session.execute(Statement::Update(update)).await?;
    }
    // The child is not deleted: its own children are none of the deletion's business.
    Ok(0)
}

/// A reference that became its default must not name a row that a cascade holds, this one included.
async fn refuse_held_default(session: &mut Session, edge: &Edge, id: Uuid) -> Result<()> {
    let default = noted::cleared(edge);
    let noted = noted::references(0, edge, &journal::bind(id), Journal::CHANGE_KEY).limit(1);
    if default.is_null() || session.rows(noted).await?.is_empty() {
        return Ok(());
    }
    session.check_parent(&edge.child, edge.column, &edge.parent, &default).await
}

async fn refuse_live_children(session: &mut Session, edge: &Edge, id: Uuid) -> Result<()> {
    const SHOWN: u64 = 10;
    let child = Source::live(0, &edge.child);
    let rows = children_of_held(edge, &child, id)?;
    let columns = vec![child.key(), child.column(edge.column)];
    let select = Select::columns(child, columns).filter(rows).limit(SHOWN + 1);
    let found = absent::or_none(session.rows(select).await, &edge.child)?;
    let Some(first) = found.first() else { return Ok(()) };
    let keys: Vec<String> =
        found.iter().take(SHOWN as usize).map(|row| crate::session::display(&row[0])).collect();
    let more = if found.len() as u64 > SHOWN { ", …" } else { "" };
    let (parent, child) = (&edge.parent, &edge.child);
    let key = crate::session::display(&first[1]);
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
    .model(&parent.model)
    .field(&child.columns[edge.column].name)
    .value(key))
}
