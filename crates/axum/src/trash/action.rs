//! What a request asks for.

/// What a request to the [trash routes](crate::trash_routes) asks for, and of which row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action<K> {
    /// To see the deleted rows.
    List,
    /// To delete this row, so that it can be restored.
    SoftDelete(K),
    /// To restore this row.
    Restore(K),
    /// To remove this deleted row for good.
    Purge(K),
}

impl<K> Action<K> {
    /// The key of the row concerned; none for [`Action::List`].
    pub fn key(&self) -> Option<&K> {
        match self {
            Self::List => None,
            Self::SoftDelete(key) | Self::Restore(key) | Self::Purge(key) => Some(key),
        }
    }
}
