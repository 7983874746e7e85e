//! Deletion, restore and removal.
//!
//! A deletion is a thing: one row in the journal, one instant, and its id in each row it took. A row is live exactly
//! when nothing that deleted it is still in force. What follows from that is kept here and nowhere else:
//!
//! - `delete`: marks the roots, then the children set by set, breadth first (`cascade`, `wave`); what forbids it is `restrict`.
//! - `restore`: one row alone; `undo`: a whole deletion, its exact inverse, after `hand_over` of the rows that
//!   another deletion still holds.
//! - `remove`: the physical end of rows.
//! - `chosen`: the same for all rows that a query finds.
//!
//! The number of statements depends on the number of relations, and on the depth of relations of a table to itself,
//! not on the number of rows.

mod absent;
mod cascade;
mod chosen;
mod conflict;
mod delete;
mod hand_over;
mod journal;
mod noted;
mod receipt;
mod remove;
mod restore;
mod restrict;
mod undo;
mod wave;

pub use delete::{Delete, Roots};
pub use receipt::{Deletion, Restoration, TableRows};
pub use restore::Restore;
