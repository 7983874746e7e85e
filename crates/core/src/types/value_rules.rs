//! What a value says of itself without a database: the trait of the types that a [`crate::value::Value`] has a variant for.

use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;

/// A type with values of its own. Enums, lists, keys and columns of any type hold values of these.
pub(super) trait ValueRules {
    /// What the variant of [`crate::value::Value`] holds.
    type Held;

    /// The byte before a value in a cursor. Clients keep cursors: it never changes.
    const CURSOR: u8;

    /// Checks a value against the rules of its column.
    fn check(_held: &Self::Held, _rules: &Rules) -> Result<(), String> {
        Ok(())
    }

    /// The canonical text: see [`crate::sql::key_text`].
    fn key_text(held: &Self::Held) -> String;

    /// The value as JSON, the same text that the database makes of a column that holds it.
    fn json_text(held: &Self::Held, dialect: Dialect) -> String;

    /// Adds the value to a cursor.
    fn write(held: &Self::Held, bytes: &mut Vec<u8>);

    /// Reads what [`Self::write`] wrote; `None` for other bytes.
    fn read(bytes: &mut Reader<'_>) -> Option<Self::Held>;
}
