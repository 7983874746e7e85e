//! Rows of a deletion that is being undone whose parent another deletion still holds: they become the other's.
//!
//! Only a deletion that cascades holds its rows' children. Handing a row over may make its own children rows under a
//! parent that is held, so that it is repeated until nothing changes. A row that had been deleted alone may have live
//! children: the deletion that holds it now takes them along, for it cascades.

use super::receipt::{Deletion, TableRows, count};
use super::{absent, cascade, noted};
use crate::audit::Actor;
use crate::session::{Session, taken_by_cascade};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Comparison, Expr, Predicate, Select, Source, Statement, Update, Visibility};
use reprieve_core::schema::{Edge, Journal, SoftDelete, Table};
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
            for edge in graph.parents(child).iter().filter(|edge| edge.parent.soft_delete.is_some()) {
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
    let noted = Source::any(0, &Journal::get().changes);
    let Some(soft) = edge.parent.soft_delete else { return Ok(0) };
    let old = noted.column(Journal::CHANGE_OLD);
    let holder = |source| holder(source, edge, old.clone(), soft, id);
    let set = vec![(Journal::CHANGE_DELETION_ID, Expr::Scalar(holder(1)))];
    let filter = noted::about(&noted, edge, id).and(Predicate::Exists(holder(3)));
    let update = Update { target: noted, set, filter, returning: Vec::new() };
    session.execute(Statement::Update(update)).await
}

/// Whether any other deletion that cascades is in force: mostly there is none, and nothing to hand over.
async fn another_in_force(session: &mut Session, id: &Value) -> Result<bool> {
    let other = Source::any(0, &Journal::get().deletions);
    let select = Select::columns(other.clone(), vec![other.key()])
        .filter(Predicate::Compare(other.key(), Comparison::NotEqual, Expr::Bind(id.clone())))
        .filter(Predicate::equals(other.column(Journal::CASCADE), true))
        .filter(Predicate::IsNull(other.column(Journal::RESTORED_AT), true))
        .limit(1);
    Ok(!session.rows(select).await?.is_empty())
}

/// Hands the rows of one relation over; notes which deletions received some.
async fn along(
    session: &mut Session,
    edge: &Edge,
    id: &Value,
    receivers: &mut Vec<(Arc<Table>, Value)>,
) -> Result<u64> {
    let (Some(child_soft), Some(parent_soft)) = (edge.child.soft_delete, edge.parent.soft_delete) else {
        return Ok(0);
    };
    let child = Source::new(0, &edge.child, Visibility::Deleted);
    let holder = |source| holder(source, edge, child.column(edge.column), parent_soft, id);
    let filter =
        Predicate::equals(child.column(child_soft.deletion_id), id.clone()).and(Predicate::Exists(holder(3)));
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
    let set = vec![(child_soft.deletion_id, Expr::Scalar(holder(1)))];
    let update = Update { target: child, set, filter, returning: Vec::new() };
    session.execute(Statement::Update(update)).await
}

/// A deletion that is in force, as the journal has it.
async fn in_force(session: &mut Session, id: &Value) -> Result<Deletion> {
    let row = Source::any(0, &Journal::get().deletions);
    let select = Select::columns(row.clone(), vec![row.key(), row.column(Journal::AT)]);
    let found = session.rows(select.filter(Predicate::equals(row.key(), id.clone()))).await?;
    match found.first().map(Vec::as_slice) {
        Some([Value::Uuid(id), Value::Timestamp(at)]) => {
            Ok(Deletion { id: Uuid::from_bytes(*id), at: *at, marked: false, taken: Vec::new() })
        }
        _ => Err(Error::new(
            Kind::Internal,
            "A deletion that holds rows is not in the journal: please report this",
        )),
    }
}

/// The other deletion, one that cascades, that holds the parent with this key.
fn holder(source: u8, edge: &Edge, key: Expr, soft: SoftDelete, id: &Value) -> Box<Select> {
    let parent = Source::new(source, &edge.parent, Visibility::Deleted);
    let held_by = parent.column(soft.deletion_id);
    let same = Predicate::Compare(parent.key(), Comparison::Equal, key);
    let other = Predicate::Compare(held_by.clone(), Comparison::NotEqual, Expr::Bind(id.clone()));
    let cascade = taken_by_cascade(&parent, source + 1);
    Box::new(Select::columns(parent, vec![held_by]).filter(same).filter(other).filter(cascade))
}
