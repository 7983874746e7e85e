//! Changing rows.

use super::{Expr, Predicate, Source};

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
