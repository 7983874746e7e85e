//! The ways SQL is written.

use crate::driver::Capability;

/// The function of one text that a driver MUST register where the database has no lower-case of all Unicode.
/// See [`Dialect::Sqlite`].
pub const FOLD_FUNCTION: &str = "reprieve_fold";

/// The collation that a driver MUST register where the database has no exact decimals.
/// See [`Dialect::Sqlite`].
pub const DECIMAL_COLLATION: &str = "reprieve_decimal";

/// How a database wants its SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite, 3.35 or newer (RETURNING).
    ///
    /// On each connection, before its first statement, a driver MUST
    /// - register the scalar function [`FOLD_FUNCTION`] of one argument, deterministic and innocuous: NULL gives
    ///   NULL, a text gives [`super::fold`] of it, anything else itself. Without it, matching that ignores case
    ///   fails with "no such function".
    /// - register the collation [`DECIMAL_COLLATION`] as [`super::compare_decimals`]: decimals are text, and their
    ///   columns are declared with it, which makes comparison, order, indexes and uniqueness those of the numbers.
    ///   Without it, statements on tables with a decimal fail with "no such collation sequence".
    /// - switch off double-quoted strings (`SQLITE_DBCONFIG_DQS_DML` and `_DDL`), so that a column that is not in
    ///   the table is an error and not a text that equals nothing.
    /// - switch on foreign keys.
    ///
    /// It stores booleans as 0 and 1, instants, dates, times, decimals, enums, JSON and arrays as text, UUIDs as
    /// 16 bytes.
    Sqlite,
}

impl Dialect {
    /// At most this many bound values in a statement.
    pub fn max_binds(self) -> usize {
        match self {
            Self::Sqlite => Capability::SQLITE.max_binds,
        }
    }
}
