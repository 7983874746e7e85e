//! What is said about a transaction beside begin and commit.

/// What a transaction sees of others that run beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Isolation {
    /// Each statement sees what was committed before it began.
    #[default]
    ReadCommitted,
    /// All statements see what was committed before the first.
    RepeatableRead,
    /// As if transactions ran one after another; one that could not have fails, and can be run again.
    Serializable,
}

/// What is done with a savepoint, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Savepoint {
    /// It is set.
    Set(usize),
    /// What was done since is kept, and it is forgotten.
    Release(usize),
    /// What was done since is undone, and it is forgotten.
    Undo(usize),
}

impl Savepoint {
    /// The statements, one after another.
    pub fn sql(self) -> Vec<String> {
        match self {
            Self::Set(n) => vec![format!("SAVEPOINT reprieve_{n}")],
            Self::Release(n) => vec![format!("RELEASE SAVEPOINT reprieve_{n}")],
            Self::Undo(n) => {
                vec![format!("ROLLBACK TO SAVEPOINT reprieve_{n}"), format!("RELEASE SAVEPOINT reprieve_{n}")]
            }
        }
    }
}
