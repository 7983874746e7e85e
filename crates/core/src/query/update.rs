//! Changing rows.

use super::{Expr, Given, Predicate, Source};

/// An UPDATE.
#[derive(Debug, Clone)]
pub struct Update {
    /// The table and the rows of it that are visible to the update.
    pub target: Source,
    /// Column positions and what they become.
    pub set: Vec<(usize, Expr)>,
    /// Which rows.
    pub filter: Predicate,
    /// The positions of the columns handed back for each row changed.
    pub returning: Vec<usize>,
}

/// An UPDATE in which each row can take values of its own.
#[derive(Debug, Clone)]
pub struct UpdateEach {
    /// The values; the filter of the update says which belong to which row. A row that several belong to takes the
    /// values of one of them, whichever.
    pub given: Given,
    /// What is done.
    pub update: Update,
}
