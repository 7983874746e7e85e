//! Soft delete: mark the roots, write the journal, take the children along.

use super::cascade::{Cascade, concerns_children};
use super::receipt::{Deletion, count};
use super::{absent, journal};
use crate::audit::{self, Actor, Operation};
use crate::session::{Change, Session, Verb, check_changes};
use reprieve_core::driver::Step;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{
    Comparison, Expr, Lock, Predicate, Select, Source, Statement, Update, Visibility,
};
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
        self.check_characters(table, &options.changes)?;
        let reason = options.reason.as_deref().map(Value::from);
        self.check_named(reason.iter().map(|reason| ("reason", reason)))?;
        let at = self.database.inner.clock.now();
        let id = journal::new_id(at);
        let mut verb = Verb::start(self)?;
        verb.turn_lives();
        loop {
            let deletion = Deletion { id, at, marked: false, taken: Vec::new() };
            let mut work = Work { table, soft, options: &options, actor, deletion };
            let scope = verb.enter().await?;
            let result = work.run(&mut verb, roots.clone()).await;
            let result = verb.leave(scope, result).await;
            if absent::is_news(&verb, &result, table) {
                continue;
            }
            return verb.finish(result.map(|()| work.deletion));
        }
    }
}

/// One deletion under way.
struct Work<'a> {
    table: &'a Arc<Table>,
    soft: SoftDelete,
    options: &'a Delete,
    actor: &'a Actor,
    deletion: Deletion,
}

impl Work<'_> {
    async fn run(&mut self, session: &mut Session, roots: Roots) -> Result<()> {
        // A condition says of rows that are live which are meant: a row that a cascade took is not.
        let claims = !matches!(roots, Roots::Where(_));
        let roots = self.settled(session, roots).await?.parts();
        let key = match &roots[..] {
            [Roots::Key(key)] => Some(key),
            _ => None,
        };
        let mut cascade = Cascade::new(self.table, self.options.cascade);
        let mut steps = Vec::new();
        let mut counted = Vec::new();
        for roots in &roots {
            self.mark(session, roots, &mut steps)?;
            counted.push((steps.len() - 1, true));
            if claims {
                steps.push(session.step(&claim(self.table, self.soft, roots, self.deletion.id))?);
                counted.push((steps.len() - 1, false));
            }
            // What follows one root can go out with it. Else it is to be seen first whether there is anything to follow.
            if !(key.is_some() && session.is_remote()) {
                let changed = session.run_all_counted(std::mem::take(&mut steps)).await?;
                self.count(&std::mem::take(&mut counted), &changed);
            }
        }
        if steps.is_empty() && self.deletion.rows() == 0 {
            return Ok(());
        }
        steps.push(session.step(&self.entry(key))?);
        if session.is_together() {
            let wave = cascade.send(session, &self.deletion, self.actor, steps).await?;
            self.count(&counted, &wave.changed);
            cascade.settle(&wave, &mut self.deletion)?;
        } else {
            self.count(&counted, &session.run_all_counted(steps).await?);
        }
        if self.deletion.rows() == 0 {
            return Ok(());
        }
        cascade.finish(session, &mut self.deletion, self.actor).await
    }

    /// The rows by their keys, where others could add some that fulfil the condition while it is followed.
    async fn settled(&self, session: &mut Session, roots: Roots) -> Result<Roots> {
        let Roots::Where(rows) = &roots else { return Ok(roots) };
        if !self.needs_lock(session) {
            return Ok(roots);
        }
        let keys = session.locked(&Source::live(0, self.table), rows).await?;
        Ok(keys.map_or(roots, Roots::Keys))
    }

    fn needs_lock(&self, session: &Session) -> bool {
        self.table.audit || concerns_children(session, self.table, self.options.cascade)
    }

    fn mark(&self, session: &Session, roots: &Roots, steps: &mut Vec<Step<'static>>) -> Result<()> {
        let live = Source::live(0, self.table);
        let mark = Mark {
            soft: self.soft,
            changes: &self.options.changes,
            id: self.deletion.id,
            at: self.deletion.at,
            actor: self.actor,
            lock: self.needs_lock(session),
        };
        mark.steps(session, &live, roots.predicate(&live), steps)
    }

    /// Counts what steps that ran have marked and claimed.
    fn count(&mut self, counted: &[(usize, bool)], changed: &[u64]) {
        for &(step, marked) in counted {
            let rows = changed[step];
            self.deletion.marked |= marked && rows > 0;
            count(&mut self.deletion.taken, &self.table.name, rows);
        }
    }

    fn entry(&self, key: Option<&Value>) -> Statement {
        let entry = journal::Entry {
            id: self.deletion.id,
            at: self.deletion.at,
            key,
            actor: self.actor,
            reason: self.options.reason.clone(),
            cascade: self.options.cascade,
        };
        journal::open(self.table, self.soft, entry)
    }
}

/// How rows are marked.
pub(super) struct Mark<'a> {
    pub(super) soft: SoftDelete,
    pub(super) changes: &'a [Change],
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    pub(super) actor: &'a Actor,
    /// Whether the rows are locked first, where others write too.
    pub(super) lock: bool,
}

impl Mark<'_> {
    /// Marks live rows, and writes their audit rows. The last step is the one that marks.
    pub(super) fn steps(
        self,
        session: &Session,
        live: &Source,
        rows: Predicate,
        steps: &mut Vec<Step<'static>>,
    ) -> Result<()> {
        if self.lock
            && let Some(lock) = session.lock(live, &rows, Lock::Change)
        {
            steps.push(session.step(&lock)?);
        }
        if live.table.audit {
            let marker = (self.soft.deleted_at, self.at.into());
            let noted = std::iter::once(marker).chain(self.changes.iter().cloned()).collect();
            let of = (live.clone(), rows.clone());
            let entry = audit::entry(Operation::SoftDelete, of.0, of.1, noted, self.at, self.actor);
            steps.push(session.step_of_log(&entry)?);
        }
        let markers =
            [(self.soft.deleted_at, Value::from(self.at)), (self.soft.deletion_id, journal::bind(self.id))];
        let set = markers.into_iter().chain(self.changes.iter().cloned());
        let set = set.map(|(column, value)| (column, Expr::Bind(value))).collect();
        let update = Update { target: live.clone(), set, filter: rows, returning: Vec::new() };
        steps.push(session.step(&Statement::Update(update))?);
        Ok(())
    }
}

/// Makes rows this deletion's own that another one took as children; their instant stays.
fn claim(table: &Arc<Table>, soft: SoftDelete, roots: &Roots, id: Uuid) -> Statement {
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
    Statement::Update(Update { target: row, set, filter, returning: Vec::new() })
}
