//! Indexes: which columns, unique or not, over which rows.

/// An index of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name in the database.
    pub name: String,
    /// The columns, in order.
    pub columns: Vec<usize>,
    /// Whether no two rows in scope may share a key.
    pub unique: bool,
    /// The rows it covers.
    pub scope: Scope,
}

/// The rows an index covers. The predicate of a partial index is the one that the compiler writes for
/// [`crate::query::Visibility`], to the letter: a planner uses a partial index only if the query implies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every row.
    All,
    /// Live rows: keeps live reads flat however many deleted rows there are.
    Live,
    /// Rows that a deletion holds.
    Deleted,
}
