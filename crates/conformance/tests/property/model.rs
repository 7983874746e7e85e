//! The rules of deletion, in memory.
//!
//! - A delete marks the live rows that its caller names. A named row that a cascade took becomes this deletion's.
//! - With a cascade, live children of rows that the deletion holds are taken, until nothing is added.
//! - Restoring rows alone is refused under a parent that a cascade holds, unless ancestors come back too.
//! - Undoing a deletion restores the rows it holds, except those whose parent another cascade holds: they become that
//!   one's, and so do their children, live ones included.
//! - Removing a row removes everything below it.

use reprieve_core::value::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use uuid::Uuid;

/// Tables, and the columns that refer to another one, in order.
pub(crate) const TABLES: [(&str, &[(&str, usize)]); 3] =
    [("users", &[]), ("posts", &[("user_id", 0)]), ("comments", &[("post_id", 1), ("parent_id", 2)])];

/// The number of a table, and a key.
pub(crate) type RowId = (usize, i64);

#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// For each column that refers: to which key.
    pub(crate) parents: Vec<Option<i64>>,
    /// When it is deleted.
    pub(crate) deleted: Option<Deleted>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Deleted {
    /// The deletion that holds it.
    pub(crate) by: usize,
    /// The deletion whose instant it carries.
    pub(crate) since: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Deletion {
    pub(crate) cascade: bool,
    pub(crate) named: BTreeSet<RowId>,
    pub(crate) in_force: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) rows: BTreeMap<RowId, Row>,
    pub(crate) deletions: Vec<Deletion>,
    /// How the database calls the deletions.
    pub(crate) ids: Vec<Uuid>,
    /// When they were.
    pub(crate) instants: Vec<Timestamp>,
    pub(crate) next_key: i64,
    /// What was done, for messages.
    pub(crate) told: Vec<String>,
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "after\n  {}\n", self.told.join("\n  "))
    }
}

/// A rule forbids it; nothing is changed.
#[derive(Debug, PartialEq)]
pub(crate) struct Refused;

impl Model {
    /// The rows that this one refers to.
    pub(crate) fn parents(&self, id: RowId) -> Vec<RowId> {
        let columns = TABLES[id.0].1.iter().zip(&self.rows[&id].parents);
        columns.filter_map(|(&(_, table), key)| Some((table, (*key)?))).collect()
    }

    /// The cascading deletion that holds a row.
    pub(crate) fn cascade_over(&self, id: RowId) -> Option<usize> {
        self.rows[&id].deleted.map(|deleted| deleted.by).filter(|by| self.deletions[*by].cascade)
    }

    fn held_by(&self, deletion: usize) -> Vec<RowId> {
        let held = self.rows.iter().filter(|(_, row)| row.deleted.is_some_and(|d| d.by == deletion));
        held.map(|(id, _)| *id).collect()
    }

    fn set(&mut self, id: RowId, deleted: Option<Deleted>) {
        self.rows.get_mut(&id).unwrap().deleted = deleted;
    }

    pub(crate) fn write(
        &mut self,
        id: RowId,
        parents: Vec<Option<i64>>,
        changed: &[usize],
    ) -> Result<(), Refused> {
        for &column in changed {
            if let Some(key) = parents[column]
                && self.cascade_over((TABLES[id.0].1[column].1, key)).is_some()
            {
                return Err(Refused);
            }
        }
        self.rows.entry(id).or_default().parents = parents;
        Ok(())
    }

    /// Returns the deletion, if it took any row, and how many.
    pub(crate) fn delete(&mut self, roots: &[RowId], cascade: bool) -> (Option<usize>, usize) {
        let new = self.deletions.len();
        let mut named = BTreeSet::new();
        for &id in roots {
            match self.rows[&id].deleted {
                None => self.set(id, Some(Deleted { by: new, since: new })),
                Some(old)
                    if self.deletions[old.by].cascade && !self.deletions[old.by].named.contains(&id) =>
                {
                    self.set(id, Some(Deleted { by: new, ..old }));
                }
                Some(_) => continue,
            }
            named.insert(id);
        }
        if named.is_empty() {
            return (None, 0);
        }
        self.deletions.push(Deletion { cascade, named, in_force: true });
        if cascade {
            self.take_children(new);
        }
        (Some(new), self.held_by(new).len())
    }

    /// Live rows below those that the deletion holds become its own; returns how many.
    fn take_children(&mut self, deletion: usize) -> usize {
        let mut rows = 0;
        loop {
            let live = self.rows.iter().filter(|(_, row)| row.deleted.is_none()).map(|(id, _)| *id);
            let held = |parent: &RowId| self.rows[parent].deleted.is_some_and(|d| d.by == deletion);
            let below: Vec<RowId> = live.filter(|id| self.parents(*id).iter().any(held)).collect();
            if below.is_empty() {
                return rows;
            }
            rows += below.len();
            for id in below {
                self.set(id, Some(Deleted { by: deletion, since: deletion }));
            }
        }
    }

    /// Returns how many rows are live again.
    pub(crate) fn restore_alone(&mut self, roots: &[RowId], ancestors: bool) -> Result<usize, Refused> {
        let mut back: BTreeSet<RowId> = roots.iter().copied().collect();
        back.retain(|id| self.rows[id].deleted.is_some());
        loop {
            let above = back.iter().flat_map(|id| self.parents(*id));
            let held: Vec<RowId> =
                above.filter(|id| self.cascade_over(*id).is_some() && !back.contains(id)).collect();
            match held.is_empty() {
                true => break,
                false if ancestors => back.extend(held),
                false => return Err(Refused),
            }
        }
        let holders: BTreeSet<usize> = back.iter().map(|id| self.rows[id].deleted.unwrap().by).collect();
        for &id in &back {
            self.set(id, None);
        }
        for holder in holders {
            let rest = !self.held_by(holder).is_empty();
            // A cascade stays in force until it is undone: what it took may be handed back to it.
            self.deletions[holder].in_force &= rest || self.deletions[holder].cascade;
        }
        Ok(back.len())
    }

    /// The deletions that hold these rows.
    pub(crate) fn holders(&self, roots: &[RowId]) -> BTreeSet<usize> {
        roots.iter().filter_map(|id| Some(self.rows[id].deleted?.by)).collect()
    }

    /// Returns how many rows are live again, and how many were handed over.
    pub(crate) fn undo(&mut self, deletion: usize) -> (usize, usize) {
        let mut handed = 0;
        let mut receivers = Vec::new();
        loop {
            while let Some((id, holder)) = self.next_to_hand_over(deletion) {
                let old = self.rows[&id].deleted.unwrap();
                self.set(id, Some(Deleted { by: holder, ..old }));
                handed += 1;
                receivers.push(holder);
            }
            let taken: usize = receivers.iter().map(|holder| self.take_children(*holder)).sum();
            if taken == 0 {
                break;
            }
            handed += taken;
        }
        let held = self.held_by(deletion);
        for &id in &held {
            self.set(id, None);
        }
        self.deletions[deletion].in_force = false;
        (held.len(), handed)
    }

    /// A row under a parent that another cascade holds. Where two could have it, the first relation decides.
    fn next_to_hand_over(&self, deletion: usize) -> Option<(RowId, usize)> {
        let held = self.held_by(deletion);
        let other = |parent: RowId| self.cascade_over(parent).filter(|by| *by != deletion);
        held.into_iter().find_map(|id| Some((id, self.parents(id).into_iter().find_map(other)?)))
    }

    pub(crate) fn remove(&mut self, root: RowId) {
        let mut going = BTreeSet::from([root]);
        loop {
            let goes = |id: &&RowId| self.parents(**id).iter().any(|parent| going.contains(parent));
            let below: Vec<RowId> = self.rows.keys().filter(goes).copied().collect();
            let before = going.len();
            going.extend(below);
            if going.len() == before {
                break;
            }
        }
        self.rows.retain(|id, _| !going.contains(id));
    }
}
