//! What a deletion does to children, relation by relation.
//!
//! Breadth first from the roots' table: each relation takes one statement for all the rows that the deletion holds
//! in the parent's table. A table that gained rows after its children were looked at is visited again, so that relations
//! of a table to itself and cycles of tables are followed until nothing is added.
//!
//! Where a statement costs a round trip, the statements of a [`Wave`] go out together, before it is known which of them
//! will find rows.

use super::delete::{Mark, marker};
use super::receipt::{Deletion, count};
use super::wave::Wave;
use super::{absent, journal, noted, restrict};
use crate::audit::Actor;
use crate::session::Session;
use reprieve_core::driver::Step;
use reprieve_core::error::Result;
use reprieve_core::journal::Journal;
use reprieve_core::query::{Expr, Predicate, Select, Source, Statement, Update};
use reprieve_core::schema::{Edge, OnDelete, Table};
use std::sync::Arc;
use uuid::Uuid;

/// A cascade under way.
pub(super) struct Cascade {
    pub(super) follows: bool,
    /// The tables in which the deletion holds rows.
    pub(super) held: Vec<Arc<Table>>,
    /// Those that gained rows since their children were looked at.
    pub(super) pending: Vec<Arc<Table>>,
    /// Whether it is known that no live child forbids the deletion.
    allowed: bool,
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
        Self { follows, held: vec![root.clone()], pending: vec![root.clone()], allowed: false }
    }

    /// Runs these steps, and with them as much of the cascade as can be said by now.
    pub(super) async fn send(
        &mut self,
        session: &mut Session,
        deletion: &Deletion,
        actor: &Actor,
        mut steps: Vec<Step<'static>>,
    ) -> Result<Wave> {
        let mut wave = Wave::begin(self, session, deletion, actor, &mut steps)?;
        wave.run(session, steps).await?;
        Ok(wave)
    }

    /// Counts what a wave took; refuses the deletion when nothing is left to be followed and a live child forbids it.
    pub(super) fn settle(&mut self, wave: &Wave, deletion: &mut Deletion) -> Result<()> {
        for (child, rows, again) in wave.taken() {
            self.took(child, rows, again, deletion);
        }
        self.allowed = self.pending.is_empty();
        if self.allowed { wave.refuse() } else { Ok(()) }
    }

    /// Children were taken; whether their own are to be looked at after that.
    fn took(&mut self, child: &Arc<Table>, rows: u64, again: bool, deletion: &mut Deletion) {
        count(&mut deletion.taken, &child.name, rows);
        let add = |list: &mut Vec<Arc<Table>>| {
            if rows > 0 && !child.is_among(list) {
                list.push(child.clone());
            }
        };
        add(&mut self.held);
        if again {
            add(&mut self.pending);
        }
    }

    /// Follows what is left, and looks at what forbids the deletion.
    pub(super) async fn finish(
        mut self,
        session: &mut Session,
        deletion: &mut Deletion,
        actor: &Actor,
    ) -> Result<()> {
        while !self.pending.is_empty() {
            if session.is_together() {
                let wave = self.send(session, deletion, actor, Vec::new()).await?;
                self.settle(&wave, deletion)?;
            } else {
                self.one_by_one(session, deletion, actor).await?;
            }
        }
        self.check(session, deletion).await
    }

    /// Relation by relation: a statement costs little, or a table may be missing.
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
                self.took(&edge.child, if takes { rows } else { 0 }, true, deletion);
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
                restrict::refuse_held_default(session, edge, deletion.id).await?;
            }
        }
        for edge in of(OnDelete::Restrict).filter(|_| !self.allowed) {
            let found = session.rows(restrict::live_children(edge, deletion.id)?).await;
            restrict::refuse(edge, &absent::or_none(found, &edge.child)?)?;
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
    let parent = Source::any(child.id + 1, &edge.parent);
    let held = marker(&edge.parent)?.is_held_by(&parent, journal::bind(id));
    let keys = Select::columns(parent.clone(), vec![parent.key()]).filter(held);
    Ok(Predicate::InSelect(child.column(edge.column), Box::new(keys)))
}

/// The steps that follow one relation; whether the last of them counts rows that the deletion takes.
pub(super) fn take(
    session: &Session,
    edge: &Edge,
    deletion: &Deletion,
    actor: &Actor,
    steps: &mut Vec<Step<'static>>,
) -> Result<bool> {
    let child = Source::live(0, &edge.child);
    let rows = children_of_held(edge, &child, deletion.id)?;
    match (edge.on_delete, edge.child.marker) {
        (OnDelete::Cascade, Some(marker)) => {
            let (id, at) = (deletion.id, deletion.at);
            let lock = edge.child.audit || concerns_children(session, &edge.child, true);
            Mark { marker, changes: &[], id, at, actor, lock }.steps(session, &child, rows, steps)?;
            Ok(true)
        }
        (OnDelete::SetNull | OnDelete::SetDefault, _) => {
            // Clears the reference, and writes down what it was. The child is not deleted: its own children are none of
            // the deletion's business.
            steps.push(session.step(&Journal::get().note_cleared(
                edge,
                &child,
                rows.clone(),
                journal::bind(deletion.id),
            ))?);
            let set = vec![(edge.column, Expr::Bind(noted::cleared(edge)))];
            let update = Update { target: child, set, filter: rows, returning: Vec::new() };
            steps.push(session.step(&Statement::Update(update))?);
            Ok(false)
        }
        // Without soft delete there is nothing to mark: the database's matter when the parent is purged.
        (OnDelete::Cascade, None) | (OnDelete::Restrict | OnDelete::NoAction, _) => Ok(false),
    }
}
