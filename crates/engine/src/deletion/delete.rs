//! Soft delete: mark the roots, write the journal, take the children along.

use super::receipt::{Deletion, count};
use super::{cascade, journal};
use crate::audit::{self, Actor, Operation};
use crate::session::{Change, Session, Verb, check_changes};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Comparison, Expr, Predicate, Select, Source, Statement, Update, Visibility};
use reprieve_core::schema::{Journal, SoftDelete, Table};
use reprieve_core::value::{Timestamp, Value};
use std::sync::Arc;
use uuid::Uuid;

/// The rows that a caller names.
#[derive(Debug, Clone)]
pub enum Roots {
    /// The row with this key.
    Key(Value),
    /// The rows with these keys.
    Keys(Vec<Value>),
    /// The live rows that fulfil this; the table is source 0.
    Where(Predicate),
}

/// How to delete.
#[derive(Debug, Clone, Default)]
pub struct Delete {
    /// Take children along, as each relation's `on_delete` has it.
    pub cascade: bool,
    /// Why, for the journal.
    pub reason: Option<String>,
    /// Other columns of the roots to write in the same statement.
    pub changes: Vec<Change>,
}

impl Roots {
    /// In parts that fit a statement.
    pub(super) fn parts(self) -> Vec<Self> {
        // SQLite takes 32,766 values in a statement; a cascade adds a few of its own.
        const MOST: usize = 16_000;
        match self {
            Self::Keys(keys) if keys.len() > MOST => {
                keys.chunks(MOST).map(|part| Self::Keys(part.to_vec())).collect()
            }
            roots => vec![roots],
        }
    }

    pub(super) fn predicate(&self, of: &Source) -> Predicate {
        match self {
            Self::Key(key) => Predicate::equals(of.key(), key.clone()),
            Self::Keys(keys) => Predicate::In(of.key(), keys.clone()),
            Self::Where(predicate) => predicate.clone(),
        }
    }
}

/// The marker columns of a table that has them.
pub(super) fn markers(table: &Table) -> Result<SoftDelete> {
    table.soft_delete.ok_or_else(|| {
        Error::new(
            Kind::Schema,
            format!(
                "{} has no soft delete: add SoftDeleteMixin, or remove the row with delete()",
                table.model
            ),
        )
        .model(&table.model)
    })
}

impl Session {
    /// Deletes rows softly. Rows that are deleted already stay as they are; a row that a cascade took becomes this
    /// deletion's, so that undoing the cascade leaves it deleted.
    ///
    /// # Errors
    /// When a live child forbids it (RESTRICT), or a changed value does not fit. Nothing is changed then.
    pub async fn soft_delete(
        &mut self,
        table: &Arc<Table>,
        roots: Roots,
        options: Delete,
        actor: &Actor,
    ) -> Result<Deletion> {
        let soft = markers(table)?;
        check_changes(table, &options.changes)?;
        let at = self.database.inner.clock.now();
        let mut deletion = Deletion { id: journal::new_id(at), at, marked: false, taken: Vec::new() };
        let roots = roots.parts();
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        verb.turn_lives();
        let result = async {
            for roots in &roots {
                let marked =
                    mark_roots(&mut verb, table, soft, roots, &options.changes, deletion.id, at, actor)
                        .await?;
                let claimed = match roots {
                    Roots::Where(_) => 0,
                    _ => claim(&mut verb, table, soft, roots, deletion.id).await?,
                };
                deletion.marked |= marked > 0;
                count(&mut deletion.taken, &table.name, marked + claimed);
            }
            if deletion.rows() == 0 {
                return Ok(());
            }
            let key = match &roots[..] {
                [Roots::Key(key)] => Some(key),
                _ => None,
            };
            let entry = journal::Entry {
                id: deletion.id,
                at,
                key,
                actor,
                reason: options.reason,
                cascade: options.cascade,
            };
            journal::open(&mut verb, table, soft, entry).await?;
            cascade::follow(&mut verb, table, &mut deletion, options.cascade, actor).await
        }
        .await;
        let result = verb.leave(scope, result).await;
        verb.finish(result.map(|()| deletion))
    }
}

#[allow(clippy::too_many_arguments, reason = "one statement's parts, used once")]
async fn mark_roots(
    session: &mut Session,
    table: &Arc<Table>,
    soft: SoftDelete,
    roots: &Roots,
    changes: &[Change],
    id: Uuid,
    at: Timestamp,
    actor: &Actor,
) -> Result<u64> {
    let live = Source::live(0, table);
    let rows = roots.predicate(&live);
    mark(session, &live, soft, rows, changes, id, at, actor).await
}

/// Marks live rows, and writes their audit rows.
#[allow(clippy::too_many_arguments, reason = "one statement's parts")]
pub(super) async fn mark(
    session: &mut Session,
    live: &Source,
    soft: SoftDelete,
    rows: Predicate,
    changes: &[Change],
    id: Uuid,
    at: Timestamp,
    actor: &Actor,
) -> Result<u64> {
    if live.table.audit {
        let noted = std::iter::once((soft.deleted_at, at.into())).chain(changes.iter().cloned()).collect();
        audit::record(session, Operation::SoftDelete, live.clone(), rows.clone(), noted, at, actor).await?;
    }
    let markers = [(soft.deleted_at, Value::from(at)), (soft.deletion_id, journal::bind(id))];
    let set = markers.into_iter().chain(changes.iter().cloned()).map(|(c, v)| (c, Expr::Bind(v))).collect();
    let update = Update { target: live.clone(), set, filter: rows, returning: Vec::new() };
    session.execute(Statement::Update(update)).await
}

/// Makes rows this deletion's own that another one took as children; their instant stays.
async fn claim(
    session: &mut Session,
    table: &Arc<Table>,
    soft: SoftDelete,
    roots: &Roots,
    id: Uuid,
) -> Result<u64> {
    let row = Source::new(0, table, Visibility::Deleted);
    // The deletion that holds the row cascades, and the row is not one of those that its caller named.
    let holder = Source::any(1, &Journal::get().deletions);
    let holds = Predicate::Compare(holder.key(), Comparison::Equal, row.column(soft.deletion_id));
    let named = Predicate::equals(holder.column(Journal::ROOT_TABLE), table.name.as_str())
        .and(Predicate::InJsonList(row.key(), holder.column(Journal::ROOT_KEYS)));
    let taken = Select::columns(holder.clone(), vec![holder.key()])
        .filter(holds)
        .filter(Predicate::equals(holder.column(Journal::CASCADE), true))
        .filter(Predicate::Not(Box::new(named)));
    let other =
        Predicate::Compare(row.column(soft.deletion_id), Comparison::NotEqual, Expr::Bind(journal::bind(id)));
    let filter = roots.predicate(&row).and(other).and(Predicate::Exists(Box::new(taken)));
    let set = vec![(soft.deletion_id, Expr::Bind(journal::bind(id)))];
    let update = Update { target: row, set, filter, returning: Vec::new() };
    session.execute(Statement::Update(update)).await
}
