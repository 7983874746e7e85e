//! Soft delete: mark the roots, write the journal, take the children along.

use super::cascade::{Cascade, concerns_children};
use super::receipt::{Deletion, count};
use super::{absent, journal};
use crate::audit::{self, Actor, Operation};
use crate::session::{Change, Session, Verb, check_changes};
use reprieve_core::driver::Step;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::{Entry, Journal};
use reprieve_core::query::{Comparison, Expr, Lock, Predicate, Source, Statement, Update, Visibility};
use reprieve_core::schema::{Marker, Table};
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

/// The marker of a table whose rows can be deleted softly.
pub(super) fn marker(table: &Table) -> Result<Marker> {
    table.marker.ok_or_else(|| {
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
        let marker = marker(table)?;
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
            let mut work = Work { table, marker, options: &options, actor, deletion };
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
    marker: Marker,
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
                steps.push(session.step(&claim(self.table, self.marker, roots, self.deletion.id))?);
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
            marker: self.marker,
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
        let entry = Entry {
            id: journal::bind(self.deletion.id),
            at: self.deletion.at,
            root: key.map(|key| (key.clone(), journal::list_of(key))),
            actor: self.actor.user_id.clone(),
            reason: self.options.reason.clone(),
            cascade: self.options.cascade,
        };
        Journal::get().open(self.table, self.marker, entry)
    }
}

/// How rows are marked.
pub(super) struct Mark<'a> {
    pub(super) marker: Marker,
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
            let shown = self.marker.shown(Some(self.at));
            let noted = std::iter::once(shown).chain(self.changes.iter().cloned()).collect();
            let of = (live.clone(), rows.clone());
            let entry = audit::entry(Operation::SoftDelete, of.0, of.1, noted, self.at, self.actor);
            steps.push(session.step_of_log(&entry)?);
        }
        let set =
            self.marker.mark(self.at, journal::bind(self.id)).into_iter().chain(self.changes.iter().cloned());
        let set = set.map(|(column, value)| (column, Expr::Bind(value))).collect();
        let update = Update { target: live.clone(), set, filter: rows, returning: Vec::new() };
        steps.push(session.step(&Statement::Update(update))?);
        Ok(())
    }
}

/// Makes rows this deletion's own that another one took as children; their instant stays.
fn claim(table: &Arc<Table>, marker: Marker, roots: &Roots, id: Uuid) -> Statement {
    let row = Source::new(0, table, Visibility::Deleted);
    let id = Expr::Bind(journal::bind(id));
    let other = Predicate::Compare(marker.holder(&row), Comparison::NotEqual, id.clone());
    let filter = roots.predicate(&row).and(other).and(Journal::get().took_as_child(&row, marker, 1));
    let set = vec![marker.reassign(id)];
    Statement::Update(Update { target: row, set, filter, returning: Vec::new() })
}
