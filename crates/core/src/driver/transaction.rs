//! What is said about a transaction beside begin and commit.

use crate::error::{Error, Kind};
use std::fmt;
use std::str::FromStr;

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

impl Isolation {
    /// All levels, from the loosest to the strictest.
    pub const ALL: [Self; 3] = [Self::ReadCommitted, Self::RepeatableRead, Self::Serializable];

    /// Its name in SQL, in small letters: `read committed`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadCommitted => "read committed",
            Self::RepeatableRead => "repeatable read",
            Self::Serializable => "serializable",
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// In capitals or small letters, with spaces, `_` or `-` between the words.
impl FromStr for Isolation {
    type Err = Error;

    fn from_str(given: &str) -> Result<Self, Error> {
        let name = given.trim().to_ascii_lowercase().replace(['_', '-'], " ");
        Self::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
            let levels = Self::ALL.map(|level| format!("'{level}'")).join(", ");
            let message = format!("expects an isolation level, one of {levels}; got '{given}'");
            Error::new(Kind::InvalidValue, message).field("isolation")
        })
    }
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

#[cfg(test)]
mod tests {
    use super::Isolation;

    #[test]
    fn a_level_has_its_name_in_any_spelling() {
        for level in Isolation::ALL {
            for name in [
                level.to_string(),
                level.name().to_uppercase(),
                level.name().replace(' ', "_"),
                level.name().replace(' ', "-"),
                format!(" {level}\n"),
            ] {
                assert_eq!(name.parse::<Isolation>().unwrap(), level, "{name}");
            }
        }
    }

    #[test]
    fn another_word_is_refused_with_the_levels_that_there_are() {
        let refused = "autocommit".parse::<Isolation>().unwrap_err();
        assert_eq!(refused.context().field().as_deref(), Some("isolation"));
        assert_eq!(
            refused.to_string(),
            "expects an isolation level, one of 'read committed', 'repeatable read', 'serializable'; got 'autocommit'"
        );
    }
}
