//! What a deletion does to children, relation by relation.
//!
//! Breadth first from the roots' table: each relation takes one statement for all the rows that the deletion holds
//! in the parent's table, and the statements of one level go out together. A table that gained rows is visited again,
//! so that relations of a table to itself and cycles of tables are followed until nothing is added.

use super::delete::{Mark, markers};
use super::receipt::{Deletion, count};
use super::{absent, journal, noted};
use crate::audit::Actor;
use crate::session::Session;
use reprieve_core::driver::Step;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Expr, Predicate, Select, Source, Statement, Update};
use reprieve_core::schema::{Edge, Journal, OnDelete, Table};
use std::sync::Arc;
use uuid::Uuid;

/// A cascade under way.
pub(super) struct Cascade {
    follows: bool,
    /// The tables in which the deletion holds rows.
    held: Vec<Arc<Table>>,
    /// Those that gained rows since their children were looked at.
    pending: Vec<Arc<Table>>,
}

/// A relation that is followed by the steps of a level: the last of its steps counts rows.
pub(super) struct Taking {
    child: Arc<Table>,
    last: usize,
}

/// Whether a deletion of rows of this table looks at rows that refer to them.
pub(super) fn concerns_children(session: &Session, table: &Table, cascade: bool) -> bool {
    session.graph.children(table).iter().any(|edge| match edge.on_delete {
        OnDelete::Cascade | OnDelete::SetNull | OnDelete::SetDefault => cascade,
        OnDelete::Restrict => true,
        OnDelete::NoAction => false,
    })
}

/// Takes children along (when the deletion cascades) and refuses the deletion when a live child forbids it.
pub(super) async fn follow(
    session: &mut Session,
    root: &Arc<Table>,
    deletion: &mut Deletion,
    actor: &Actor,
) -> Result<()> {
    Cascade::new(root, true).finish(session, deletion, actor).await
}

impl Cascade {
    pub(super) fn new(root: &Arc<Table>, follows: bool) -> Self {
        Self { follows, held: vec![root.clone()], pending: vec![root.clone()] }
    }

    /// The steps that take the children of all tables that gained rows.
    pub(super) fn level(
        &mut self,
        session: &Session,
        deletion: &Deletion,
        actor: &Actor,
        steps: &mut Vec<Step<'static>>,
    ) -> Result<Vec<Taking>> {
        let mut taking = Vec::new();
        for parent in std::mem::take(&mut self.pending) {
            for edge in session.graph.children(&parent).iter().filter(|_| self.follows) {
                if take(session, edge, deletion, actor, steps)? {
                    taking.push(Taking { child: edge.child.clone(), last: steps.len() - 1 });
                }
            }
        }
        Ok(taking)
    }

    /// Counts what the steps took.
    pub(super) fn count(&mut self, taking: &[Taking], steps: &[Step<'_>], deletion: &mut Deletion) {
        for Taking { child, last } in taking {
            self.took(child, steps[*last].changed, deletion);
        }
    }

    fn took(&mut self, child: &Arc<Table>, rows: u64, deletion: &mut Deletion) {
        count(&mut deletion.taken, &child.name, rows);
        for list in [&mut self.held, &mut self.pending] {
            if rows > 0 && !list.iter().any(|table| table.id == child.id) {
                list.push(child.clone());
            }
        }
    }

    /// Follows what is left, level by level, and looks at what forbids the deletion.
    pub(super) async fn finish(
        mut self,
        session: &mut Session,
        deletion: &mut Deletion,
        actor: &Actor,
    ) -> Result<()> {
        while !self.pending.is_empty() {
            if session.is_together() {
                let mut steps = Vec::new();
                let taking = self.level(session, deletion, actor, &mut steps)?;
                session.run_all(&mut steps).await?;
                self.count(&taking, &steps, deletion);
            } else {
                self.one_by_one(session, deletion, actor).await?;
            }
        }
        self.check(session, deletion).await
    }

    /// A level where a table may be missing.
    async fn one_by_one(
        &mut self,
        session: &mut Session,
        deletion: &mut Deletion,
        actor: &Actor,
    ) -> Result<()> {
        let (graph, follows) = (session.graph.clone(), self.follows);
        for parent in std::mem::take(&mut self.pending) {
            for edge in graph.children(&parent).iter().filter(|_| follows) {
                let mut steps = Vec::new();
                let takes = take(session, edge, deletion, actor, &mut steps)?;
                let rows = absent::or_none(run_each(session, &mut steps).await, &edge.child)?;
                self.took(&edge.child, if takes { rows } else { 0 }, deletion);
            }
        }
        Ok(())
    }

    /// At the end: a child that a cascade takes by another way forbids nothing.
    async fn check(&self, session: &mut Session, deletion: &Deletion) -> Result<()> {
        let graph = session.graph.clone();
        let edges: Vec<&Edge> = self.held.iter().flat_map(|parent| graph.children(parent)).collect();
        let of = |kind| edges.iter().filter(move |edge| edge.on_delete == kind);
        if self.follows {
            for edge in of(OnDelete::SetDefault) {
                refuse_held_default(session, edge, deletion.id).await?;
            }
        }
        for edge in of(OnDelete::Restrict) {
            refuse_live_children(session, edge, deletion.id).await?;
        }
        Ok(())
    }
}

/// Runs steps one after the other; what the last one changed.
async fn run_each(session: &mut Session, steps: &mut [Step<'_>]) -> Result<u64> {
    for step in steps.chunks_mut(1) {
        session.run_all(step).await?;
    }
    Ok(steps.last().map_or(0, |step| step.changed))
}

/// The children of the rows that the deletion holds in the edge's parent table.
pub(super) fn children_of_held(edge: &Edge, child: &Source, id: Uuid) -> Result<Predicate> {
    let soft = markers(&edge.parent)?;
    let parent = Source::any(child.id + 1, &edge.parent);
    let held = Predicate::equals(parent.column(soft.deletion_id), journal::bind(id));
    let keys = Select::columns(parent.clone(), vec![parent.key()]).filter(held);
    Ok(Predicate::InSelect(child.column(edge.column), Box::new(keys)))
}

/// The steps that follow one relation; whether the last of them counts rows that the deletion takes.
fn take(
    session: &Session,
    edge: &Edge,
    deletion: &Deletion,
    actor: &Actor,
    steps: &mut Vec<Step<'static>>,
) -> Result<bool> {
    let child = Source::live(0, &edge.child);
    let rows = children_of_held(edge, &child, deletion.id)?;
    match (edge.on_delete, edge.child.soft_delete) {
        (OnDelete::Cascade, Some(soft)) => {
            let (id, at) = (deletion.id, deletion.at);
            let lock = edge.child.audit || concerns_children(session, &edge.child, true);
            Mark { soft, changes: &[], id, at, actor, lock }.steps(session, &child, rows, steps)?;
            Ok(true)
        }
        (OnDelete::SetNull | OnDelete::SetDefault, _) => {
            // Clears the reference, and writes down what it was. The child is not deleted: its own children are none of
            // the deletion's business.
            steps.push(session.step(&noted::note(edge, &child, rows.clone(), deletion.id))?);
            let set = vec![(edge.column, Expr::Bind(noted::cleared(edge)))];
            let update = Update { target: child, set, filter: rows, returning: Vec::new() };
            steps.push(session.step(&Statement::Update(update))?);
            Ok(false)
        }
        // Without soft delete there is nothing to mark: the database's matter when the parent is purged.
        (OnDelete::Cascade, None) | (OnDelete::Restrict | OnDelete::NoAction, _) => Ok(false),
    }
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
