//! What an upsert does with a deleted row that it would have found were it live.

/// The policy of a soft-deletable table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OverDeleted {
    /// A new row beside it: deleted rows are out of sight.
    #[default]
    New,
    /// The deleted row is restored.
    Revive,
    /// An error: somebody has to decide what becomes of the deleted row.
    Reject,
}

impl OverDeleted {
    /// The policy of that name: `new`, `revive` or `reject`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "new" => Some(Self::New),
            "revive" => Some(Self::Revive),
            "reject" => Some(Self::Reject),
            _ => None,
        }
    }
}
