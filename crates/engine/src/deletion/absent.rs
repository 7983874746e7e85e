//! Tables that are declared and not in this database.
//!
//! One program may keep models in several databases, or create only some of its tables. A table that is not there has
//! no rows: a deletion finds no children in it.

use reprieve_core::error::{Kind, Result};
use reprieve_core::schema::Table;

/// The result; nothing when this table is not in the database.
pub(super) fn or_none<T: Default>(result: Result<T>, table: &Table) -> Result<T> {
    match result {
        Err(error)
            if error.kind() == Kind::MissingTable && error.place().value.as_ref() == Some(&table.name) =>
        {
            Ok(T::default())
        }
        result => result,
    }
}
