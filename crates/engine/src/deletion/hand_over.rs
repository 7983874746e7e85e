//! Rows of a deletion that is being undone whose parent another deletion still holds: they become the other's.
//!
//! Only a deletion that cascades holds its rows' children. Handing a row over may make its own children rows under a
//! parent that is held, so that it is repeated until nothing changes. A row that had been deleted alone may have live
//! children: the deletion that holds it now takes them along, for it cascades.

use super::receipt::{Deletion, TableRows, count};
use super::{absent, cascade, noted};
use crate::audit::Actor;
use crate::session::Session;
use reprieve_core::error::Result;
use reprieve_core::journal::{InForce, Journal};
use reprieve_core::query::{Expr, Predicate, Select, Source, Statement, Update, Visibility};
use reprieve_core::schema::{Edge, Table};
use reprieve_core::value::Value;
use std::sync::Arc;
use uuid::Uuid;

pub(super) async fn hand_over(
    session: &mut Session,
    tables: &[Arc<Table>],
    id: &Value,
    handed: &mut Vec<TableRows>,
    actor: &Actor,
) -> Result<()> {
    if !another_in_force(session, id).await? {
        return Ok(());
    }
    loop {
        let mut taken = 0;
        for (table, holder) in all_along(session, tables, id, handed).await? {
            let mut deletion = in_force(session, &holder).await?;
            cascade::follow(session, &table, &mut deletion, actor).await?;
            taken += deletion.rows();
            for taken in deletion.taken {
                count(handed, &taken.table, taken.rows);
            }
        }
        // What was taken may be the parent of further rows of the deletion.
        if taken == 0 {
            break;
        }
    }
    for edge in noted::edges(session, id).await? {
        cleared_references(session, &edge, id).await?;
    }
    Ok(())
}

/// Hands over along all relations, until nothing is left to; returns which deletions received rows, and where.
async fn all_along(
    session: &mut Session,
    tables: &[Arc<Table>],
    id: &Value,
    handed: &mut Vec<TableRows>,
) -> Result<Vec<(Arc<Table>, Value)>> {
    let graph = session.graph.clone();
    let mut receivers = Vec::new();
    loop {
        let mut moved = 0;
        for child in tables {
            for edge in graph.parents(child).iter().filter(|edge| edge.parent.marker.is_some()) {
                let rows = along(session, edge, id, &mut receivers).await;
                let rows = absent::or_none(absent::or_none(rows, child), &edge.parent)?;
                count(handed, &child.name, rows);
                moved += rows;
            }
        }
        if moved == 0 {
            return Ok(receivers);
        }
    }
}

/// References that the deletion cleared, to rows that another one holds by now: they come back with those.
async fn cleared_references(session: &mut Session, edge: &Edge, id: &Value) -> Result<u64> {
    let Some(parent) = edge.parent.marker else { return Ok(0) };
    session.execute(Journal::get().reassign_cleared(edge, parent, id)).await
}

/// Whether any other deletion that cascades is in force: mostly there is none, and nothing to hand over.
async fn another_in_force(session: &mut Session, id: &Value) -> Result<bool> {
    Ok(!session.rows(Journal::get().select_another_in_force(id)).await?.is_empty())
}

/// Hands the rows of one relation over; notes which deletions received some.
async fn along(
    session: &mut Session,
    edge: &Edge,
    id: &Value,
    receivers: &mut Vec<(Arc<Table>, Value)>,
) -> Result<u64> {
    let (Some(of_child), Some(of_parent)) = (edge.child.marker, edge.parent.marker) else { return Ok(0) };
    let child = Source::new(0, &edge.child, Visibility::Deleted);
    let key = child.column(edge.column);
    let holder = |source| Journal::get().other_holder(source, edge, key.clone(), of_parent, id);
    let filter = of_child.is_held_by(&child, id.clone()).and(Predicate::Exists(holder(3)));
    let which = Select::columns(child.clone(), vec![Expr::Scalar(holder(1))]).filter(filter.clone());
    for row in session.rows(which).await? {
        // An id that is computed comes in its storage form.
        let holder = row.first().and_then(|id| match id {
            Value::Bytes(bytes) => bytes.as_slice().try_into().ok().map(Value::Uuid),
            id => Some(id.clone()),
        });
        let receiver = holder.map(|holder| (edge.child.clone(), holder));
        let known =
            |(table, id): &(Arc<Table>, Value)| receivers.iter().any(|(t, i)| t.id == table.id && i == id);
        receivers.extend(receiver.filter(|receiver| !known(receiver)).into_iter().collect::<Vec<_>>());
    }
    let set = vec![of_child.reassign(Expr::Scalar(holder(1)))];
    let update = Update { target: child, set, filter, returning: Vec::new() };
    session.execute(Statement::Update(update)).await
}

/// A deletion that is in force, as the journal has it.
async fn in_force(session: &mut Session, id: &Value) -> Result<Deletion> {
    let InForce { id, at } = Journal::in_force(&session.rows(Journal::get().select_in_force(id)).await?)?;
    Ok(Deletion { id: Uuid::from_bytes(id), at, marked: false, taken: Vec::new() })
}
