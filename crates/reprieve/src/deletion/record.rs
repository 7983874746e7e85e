//! A row of which it is not known beforehand whether it is live.

use super::Deleted;

/// A row, live or deleted: what [`Model::with_deleted`](crate::Model::with_deleted) finds.
///
/// With the feature `serde` its JSON is that of what it holds: only a deleted row has a `deletion`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(untagged))]
pub enum Record<M> {
    /// It is live.
    Live(M),
    /// It is deleted.
    Deleted(Deleted<M>),
}

impl<M> Record<M> {
    /// The row as it is stored, whichever it is.
    pub fn row(&self) -> &M {
        match self {
            Self::Live(row) => row,
            Self::Deleted(deleted) => deleted.row(),
        }
    }

    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        matches!(self, Self::Deleted(_))
    }

    /// The live row, or `None`.
    pub fn live(self) -> Option<M> {
        match self {
            Self::Live(row) => Some(row),
            Self::Deleted(_) => None,
        }
    }

    /// The deleted row, or `None`.
    pub fn deleted(self) -> Option<Deleted<M>> {
        match self {
            Self::Live(_) => None,
            Self::Deleted(deleted) => Some(deleted),
        }
    }
}
