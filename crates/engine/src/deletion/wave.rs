//! What a cascade sends in one go.
//!
//! The statements of a relation name the rows that the deletion holds when they run, so that those of a child's relations
//! can follow at once, whether or not the child gains rows. What forbids the deletion is asked last; the answer counts when
//! nothing is left to be followed.

use super::cascade::{Cascade, take};
use super::receipt::Deletion;
use super::restrict;
use crate::audit::Actor;
use crate::session::{Rows, Session};
use reprieve_core::driver::Step;
use reprieve_core::error::Result;
use reprieve_core::query::{Select, Statement};
use reprieve_core::schema::{Edge, OnDelete, Table};
use std::sync::Arc;

/// Beyond so many statements, relations of tables that may have gained nothing wait until that is known.
const MOST_AHEAD: usize = 24;

pub(super) struct Wave {
    /// The tables whose relations are followed, and the step with which that begins.
    parents: Vec<(Arc<Table>, usize)>,
    taking: Vec<Taking>,
    /// The relations that may forbid the deletion, with what is asked and what was found.
    forbidding: Vec<(Edge, Select, Rows)>,
    /// How many rows each step changed, those before the first of the wave included.
    pub(super) changed: Vec<u64>,
}

/// A relation that takes rows; its last step counts them.
struct Taking {
    child: Arc<Table>,
    last: usize,
}

impl Wave {
    /// Adds the steps that take the children of all tables that gained rows, and the children of those.
    pub(super) fn begin(
        cascade: &mut Cascade,
        session: &Session,
        deletion: &Deletion,
        actor: &Actor,
        steps: &mut Vec<Step<'static>>,
    ) -> Result<Self> {
        let most = steps.len() + MOST_AHEAD;
        let mut parents = std::mem::take(&mut cascade.pending);
        let mut wave =
            Self { parents: Vec::new(), taking: Vec::new(), forbidding: Vec::new(), changed: Vec::new() };
        let mut next = 0;
        while let Some(parent) = parents.get(next).cloned() {
            next += 1;
            wave.parents.push((parent.clone(), steps.len()));
            for edge in session.graph.children(&parent).iter().filter(|_| cascade.follows) {
                if !take(session, edge, deletion, actor, steps)? {
                    continue;
                }
                wave.taking.push(Taking { child: edge.child.clone(), last: steps.len() - 1 });
                if steps.len() < most && !edge.child.is_among(&parents) {
                    parents.push(edge.child.clone());
                }
            }
        }
        let earlier = cascade.held.iter().filter(|table| !table.is_among(&parents));
        for edge in parents.iter().chain(earlier).flat_map(|table| session.graph.children(table)) {
            if edge.on_delete == OnDelete::Restrict {
                let select = restrict::live_children(edge, deletion.id)?;
                let found = Rows::of(&select);
                wave.forbidding.push((edge.clone(), select, found));
            }
        }
        Ok(wave)
    }

    /// Runs the steps, and asks what forbids the deletion.
    pub(super) async fn run(&mut self, session: &mut Session, steps: Vec<Step<'static>>) -> Result<()> {
        let shorter = |step: Step<'static>| Step { sink: step.sink, ..step };
        let mut steps: Vec<Step<'_>> = steps.into_iter().map(shorter).collect();
        for (_, select, found) in &mut self.forbidding {
            steps.push(session.step_into(&Statement::Select(select.clone()), found)?);
        }
        self.changed = session.run_all_counted(steps).await?;
        Ok(())
    }

    /// The tables that took part, how many rows each relation took there, and whether that was after their own
    /// relations were followed, or these were not.
    pub(super) fn taken(&self) -> impl Iterator<Item = (&Arc<Table>, u64, bool)> {
        self.taking.iter().map(|Taking { child, last }| {
            let followed = self.parents.iter().any(|(parent, first)| parent.id == child.id && first > last);
            (child, self.changed[*last], !followed)
        })
    }

    /// Refuses the deletion when a live child forbids it.
    pub(super) fn refuse(&self) -> Result<()> {
        self.forbidding.iter().try_for_each(|(edge, _, found)| restrict::refuse(edge, &found.rows))
    }
}
