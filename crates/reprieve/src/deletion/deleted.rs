//! A deleted row, and the deletion that holds it.

use super::SoftDelete;
use super::restore::Restore;
use crate::session::Session;
use crate::value::Timestamp;
use crate::{Result, actor};
use uuid::Uuid;

/// The deletion that holds a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Deletion {
    /// Its id in the journal; nil for a row that another program marked as deleted.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who asked for it, when known.
    pub actor: Option<String>,
    /// Why, when given.
    pub reason: Option<String>,
    /// Whether it took the row's children along.
    pub cascade: bool,
}

/// A deleted row of `M`. It can be looked at, restored and purged; it cannot be updated, and no row can be linked to it:
/// what takes a live row takes an `M`.
///
/// With the feature `serde` its JSON is the row's, and beside the row's fields `deletion`: `{"id": …, "title": …, "deletion":
/// {"id": …, "at": …, "actor": …, "reason": …, "cascade": …}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Deleted<M> {
    #[cfg_attr(feature = "serde", serde(flatten))]
    row: M,
    deletion: Deletion,
}

impl<M> Deleted<M> {
    pub(crate) fn new(row: M, deletion: Deletion) -> Self {
        Self { row, deletion }
    }

    /// The row as it is stored.
    pub fn row(&self) -> &M {
        &self.row
    }

    /// The deletion that holds it: when, by whom, why.
    pub fn deletion(&self) -> &Deletion {
        &self.deletion
    }
}

impl<M: SoftDelete> Deleted<M> {
    /// Makes the row live again, alone; see [`Restore`] for its parents and what was deleted with it. Awaited, it gives the
    /// live row.
    pub fn restore(self, session: &mut Session) -> Restore<'_, M> {
        Restore::new(self.row, session)
    }

    /// Removes the row from the database, for good. What happens to rows that refer to it is the database's matter, as
    /// `on_delete` declares it.
    ///
    /// # Errors
    /// When a row that refers to it forbids it (RESTRICT); [`Kind::Deleted`](crate::Kind::Deleted) when it was restored
    /// after it was read: only what is in the trash is destroyed. Nothing is changed then. A row that is gone already is
    /// none.
    pub async fn purge(self, session: &mut Session) -> Result<()> {
        let table = M::table()?;
        let key = crate::value::Value::to_value(self.row.key());
        session.engine().await?.purge(table, &key, &actor::current()).await
    }
}

impl<M> AsRef<M> for Deleted<M> {
    fn as_ref(&self) -> &M {
        &self.row
    }
}
