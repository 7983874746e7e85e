//! The ways SQL is written.

use crate::driver::Capability;

/// The function of one text that a driver MUST register where the database has no lower-case of all Unicode.
/// See [`Dialect::Sqlite`].
pub const FOLD_FUNCTION: &str = "reprieve_fold";

/// The function of a text and a pattern, whether the one contains the other, that a driver MUST register where the
/// database's own takes the product of their lengths. See [`Dialect::Sqlite`].
pub const CONTAINS_FUNCTION: &str = "reprieve_contains";

/// The function of a text and a pattern, whether the one begins with the other. See [`CONTAINS_FUNCTION`].
pub const STARTS_FUNCTION: &str = "reprieve_starts";

/// The collation that a driver MUST register where the database has no exact decimals.
/// See [`Dialect::Sqlite`].
pub const DECIMAL_COLLATION: &str = "reprieve_decimal";

/// The collation that ignores case on PostgreSQL is named so in texts, in double quotes; a driver MUST put the best one
/// of its server in its place. See [`Dialect::Postgres`].
pub const FOLD_COLLATION: &str = "reprieve_fold";

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
    /// - register [`CONTAINS_FUNCTION`] and [`STARTS_FUNCTION`] of a text and a pattern, deterministic and innocuous:
    ///   1 or 0, and NULL when either is NULL; the time they take grows with the lengths, not with their product.
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
    /// PostgreSQL, 15 or newer. Placeholders are `$1`, `$2`, … in the order of the binds.
    ///
    /// A text depends on the form of a statement and not on its values, so that no placeholder is typed by its value: the
    /// server finds the type by what stands beside it, or by a cast where nothing does. A driver MUST
    /// - prepare texts without types for the placeholders, and encode each value by the type the server has found: an
    ///   integer for bigint, integer, numeric or text; text for text, varchar or an enum; a document for jsonb, json or
    ///   an array; a list ([`crate::value::Value::List`]) for an array. Whatever it is asked to write as text becomes its
    ///   [`super::key_text`].
    /// - put the name of a collation in the place of [`FOLD_COLLATION`] (in its quotes) before it prepares a text that
    ///   has it: the collation by whose rules `lower` works on all of Unicode. `pg_unicode_fast` is the best, then
    ///   `und-x-icu`, `pg_c_utf8`, then a UTF-8 locale of the server's system. Without it, matching that ignores case
    ///   fails with "collation does not exist".
    /// - leave `standard_conforming_strings` on, as it is by default.
    ///
    /// It stores each type natively: keys that the database makes are identity columns, instants `timestamptz`, JSON
    /// `jsonb`, enums types of their own. Text is `COLLATE "C"`: its order is that of code points, as on SQLite, and
    /// an index serves prefixes. The labels of an enum are in the order of texts, too. Columns of any type are `text` and
    /// hold the canonical text of a value.
    Postgres,
}

impl Dialect {
    /// At most this many bound values in a statement.
    pub fn max_binds(self) -> usize {
        match self {
            Self::Sqlite => Capability::SQLITE.max_binds,
            Self::Postgres => Capability::POSTGRES.max_binds,
        }
    }
}
