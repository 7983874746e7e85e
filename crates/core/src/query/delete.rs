//! Removing rows physically.

use super::{Predicate, Source};

/// A DELETE.
#[derive(Debug, Clone)]
pub struct Delete {
    /// The table and the rows of it that are visible to the delete.
    pub target: Source,
    /// Which rows.
    pub filter: Predicate,
}
