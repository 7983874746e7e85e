//! What a database can do. Nothing above the compiler asks for a database's name; it asks for one of these.

/// What a database can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// Indexes over a part of the rows.
    pub partial_indexes: bool,
    /// One transaction writes at a time, the others wait. Where several write, rows are locked before it is decided
    /// what becomes of them.
    pub single_writer: bool,
    /// A statement is a round trip to somewhere else: those that belong together go out together, even when the first
    /// may make the others needless.
    pub remote: bool,
    /// A statement that reads may call functions that write, lock or change settings.
    pub functions_write: bool,
    /// Locks that a transaction takes on a number of its choice.
    pub advisory_locks: bool,
    /// Indexes that are built while others write.
    pub concurrent_indexes: bool,
    /// Texts and documents may hold the character NUL.
    pub nul_characters: bool,
    /// At most this many bound values in a statement.
    pub max_binds: usize,
}

impl Capability {
    /// SQLite, as bundled.
    pub const SQLITE: Self = Self {
        partial_indexes: true,
        single_writer: true,
        remote: false,
        functions_write: false,
        advisory_locks: false,
        concurrent_indexes: false,
        nul_characters: true,
        max_binds: 32_766,
    };

    /// PostgreSQL 15 and newer.
    pub const POSTGRES: Self = Self {
        partial_indexes: true,
        single_writer: false,
        remote: true,
        functions_write: true,
        advisory_locks: true,
        concurrent_indexes: true,
        nul_characters: false,
        max_binds: 65_535,
    };
}
