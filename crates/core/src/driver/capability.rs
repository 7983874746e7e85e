//! What a database can do. Nothing above the compiler asks for a database's name; it asks for one of these.

/// What a database can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// Indexes over a part of the rows.
    pub partial_indexes: bool,
    /// One transaction writes at a time, the others wait.
    pub single_writer: bool,
    /// At most this many bound values in a statement.
    pub max_binds: usize,
}

impl Capability {
    /// SQLite, as bundled.
    pub const SQLITE: Self = Self { partial_indexes: true, single_writer: true, max_binds: 32_766 };
}
