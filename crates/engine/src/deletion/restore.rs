//! Restore of single rows: each returns alone, unless a deletion that cascaded still holds its parent.

use super::conflict;
use super::delete::{Roots, marker};
use super::journal;
use super::receipt::{Restoration, count};
use crate::audit::{self, Actor, Operation};
use crate::session::{Session, Verb, display};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::Journal;
use reprieve_core::query::{
    Comparison, Expr, Lock, Order, Predicate, Select, Source, Statement, Update, Visibility,
};
use reprieve_core::schema::{Edge, Marker, Table};
use reprieve_core::value::{Timestamp, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// How to restore.
#[derive(Debug, Clone, Default)]
pub struct Restore {
    /// Restore the whole deletion that holds each row, not the row alone.
    pub cascade: bool,
    /// Restore deleted parents too, each alone, instead of refusing.
    pub ancestors: bool,
}

impl Session {
    /// Restores rows. Rows that are live already stay as they are.
    ///
    /// # Errors
    /// When a live row took a unique key meanwhile, or a parent was deleted by a cascade. Nothing is changed then.
    pub async fn restore(
        &mut self,
        table: &Arc<Table>,
        roots: Roots,
        options: Restore,
        actor: &Actor,
    ) -> Result<Restoration> {
        let marker = marker(table)?;
        let at = self.database.inner.clock.now();
        let mut done = Restoration::default();
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        verb.turn_lives();
        let result = async {
            let roots = match &roots {
                Roots::Where(rows) => {
                    let row = Source::new(0, table, Visibility::Deleted);
                    verb.locked(&row, rows).await?.map_or(roots, Roots::Keys)
                }
                _ => roots,
            };
            for roots in roots.parts() {
                verb.restore_part(table, marker, &roots, &options, at, actor, &mut done).await?;
            }
            Ok(())
        }
        .await;
        let result = verb.leave(scope, result).await;
        verb.finish(result.map(|()| done))
    }

    #[allow(clippy::too_many_arguments, reason = "what one restore is about")]
    pub(super) async fn restore_part(
        &mut self,
        table: &Arc<Table>,
        marker: Marker,
        roots: &Roots,
        options: &Restore,
        at: Timestamp,
        actor: &Actor,
        done: &mut Restoration,
    ) -> Result<()> {
        let deletions = holders(self, table, marker, roots).await?;
        // A row that another program marked belongs to no deletion, and returns alone.
        let alone = !options.cascade || deletions.contains(&Value::Null);
        for id in deletions.iter().filter(|id| options.cascade && !id.is_null()) {
            super::undo::undo(self, id, at, actor, done).await?;
        }
        if alone && !deletions.is_empty() {
            restore_alone(self, table, roots, options.ancestors, at, actor, done).await?;
            for id in &deletions {
                journal::close_if_empty(self, table, marker, id, at).await?;
            }
        }
        Ok(())
    }
}

/// The deletions that hold the rows.
async fn holders(
    session: &mut Session,
    table: &Arc<Table>,
    marker: Marker,
    roots: &Roots,
) -> Result<Vec<Value>> {
    let row = Source::new(0, table, Visibility::Deleted);
    let id = marker.holder(&row);
    // The eldest first: what comes of it must not hang on the order in which rows are found.
    let select = Select::columns(row.clone(), vec![id.clone()])
        .filter(roots.predicate(&row))
        .order_by(Order::ascending(id))
        .lock(Lock::Change);
    let mut seen = HashSet::new();
    let rows = session.rows(select).await?.into_iter().map(|mut row| row.swap_remove(0));
    // A row that another program deleted has no deletion; NULL stands for it.
    Ok(rows.filter(|id| seen.insert(format!("{id:?}"))).collect())
}

async fn restore_alone(
    session: &mut Session,
    table: &Arc<Table>,
    roots: &Roots,
    ancestors: bool,
    at: Timestamp,
    actor: &Actor,
    done: &mut Restoration,
) -> Result<()> {
    // Parents stand behind the rows that refer to them.
    let mut rows = vec![(table.clone(), roots.clone())];
    let mut seen = HashSet::new();
    let mut next = 0;
    let graph = session.graph.clone();
    while let Some((table, roots)) = rows.get(next).cloned() {
        next += 1;
        for edge in graph.parents(&table).iter().filter(|edge| edge.parent.marker.is_some()) {
            let child = Source::new(1, &table, Visibility::Deleted);
            keep_parents(session, edge, child.clone(), roots.predicate(&child)).await?;
            let held = held_parents(session, edge, &roots).await?;
            if let (Some((child, parent)), false) = (held.first(), ancestors) {
                return Err(parent_is_deleted(edge, child, parent));
            }
            let parents = held.into_iter().map(|(_, parent)| parent);
            // Rows that refer to each other in a cycle come up again and again.
            let parents: Vec<Value> =
                parents.filter(|key| seen.insert((edge.parent.id, format!("{key:?}")))).collect();
            if !parents.is_empty() {
                rows.push((edge.parent.clone(), Roots::Keys(parents)));
            }
        }
    }
    for (table, roots) in rows.iter().rev() {
        let row = Source::new(0, table, Visibility::Deleted);
        let rows = roots.predicate(&row);
        conflict::refuse(session, table, &rows).await?;
        let restored = unmark(session, &row, marker(table)?, rows, at, actor).await?;
        count(&mut done.restored, &table.name, restored);
    }
    Ok(())
}

/// Keeps the parents of these rows (source 1) by a relation as they are, while it is looked at them.
pub(super) async fn keep_parents(
    session: &mut Session,
    edge: &Edge,
    child: Source,
    rows: Predicate,
) -> Result<()> {
    let parent = Source::any(0, &edge.parent);
    let keys = Select::columns(child.clone(), vec![child.column(edge.column)]).filter(rows);
    let of = Predicate::InSelect(parent.key(), Box::new(keys));
    match session.lock(&parent, &of, Lock::Keep) {
        Some(lock) => session.run_all(&mut [session.step(&lock)?]).await,
        None => Ok(()),
    }
}

/// The rows whose parent by this relation is deleted by a cascade: their keys and the parents'.
async fn held_parents(session: &mut Session, edge: &Edge, roots: &Roots) -> Result<Vec<(Value, Value)>> {
    let child = Source::new(0, &edge.child, Visibility::Deleted);
    let parent = Source::new(1, &edge.parent, Visibility::Deleted);
    let same = Predicate::Compare(parent.key(), Comparison::Equal, child.column(edge.column));
    let held = Select::columns(parent.clone(), vec![parent.key()])
        .filter(same)
        .filter(Journal::get().cascades(&parent, 2));
    let mut select = Select::columns(child.clone(), vec![child.key(), child.column(edge.column)])
        .filter(roots.predicate(&child))
        .filter(Predicate::Exists(Box::new(held)));
    if edge.parent.id == edge.child.id {
        // A parent that is restored by the same call holds nobody back.
        let together = match roots {
            Roots::Key(key) => vec![key.clone()],
            Roots::Keys(keys) => keys.clone(),
            Roots::Where(_) => Vec::new(),
        };
        let inside = Predicate::In(child.column(edge.column), together);
        select = select.filter(Predicate::Not(Box::new(inside)));
    }
    let rows = session.rows(select).await?;
    Ok(rows.into_iter().filter_map(|row| <[Value; 2]>::try_from(row).ok()).map(|[c, p]| (c, p)).collect())
}

/// Makes deleted rows live, and writes their audit rows.
pub(super) async fn unmark(
    session: &mut Session,
    row: &Source,
    marker: Marker,
    rows: Predicate,
    at: Timestamp,
    actor: &Actor,
) -> Result<u64> {
    if row.table.audit {
        if let Some(lock) = session.lock(row, &rows, Lock::Change) {
            session.run_all(&mut [session.step(&lock)?]).await?;
        }
        let noted = vec![marker.shown(None)];
        audit::record(session, Operation::Restore, row.clone(), rows.clone(), noted, at, actor).await?;
    }
    let set = marker.unmark().into_iter().map(|(column, value)| (column, Expr::Bind(value))).collect();
    let update = Update { target: row.clone(), set, filter: rows.clone(), returning: Vec::new() };
    match session.execute(Statement::Update(update)).await {
        Err(error) if error.is_unique_violation() => {
            // A row that took the key since it was looked for.
            conflict::refuse(session, &row.table, &rows).await?;
            Err(conflict::among_themselves(session, row, &rows).await)
        }
        result => result,
    }
}

fn parent_is_deleted(edge: &Edge, child: &Value, parent: &Value) -> Error {
    let (child, key, parent) = (display(child), &edge.child.columns[edge.column].name, display(parent));
    Error::new(
        Kind::RestoreConflict,
        format!(
            "{} {child} cannot be restored alone: {} {parent} ({key}) was deleted together with its children. Restore \
             that with cascade=True, or this with ancestors=True",
            edge.child.model, edge.parent.model
        ),
    )
    .detail(format!(
        "{} cannot be restored alone: its {} was deleted together with its children",
        edge.child.model, edge.parent.model
    ))
    .model(&edge.child.model)
    .field(key)
    .value(child)
}
