//! Tables that are declared and not in this database.
//!
//! One program may keep models in several databases, or create only some of its tables. A table that is not there has
//! no rows: a deletion finds no children in it.

use crate::session::Session;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::schema::Table;

/// Whether a deletion failed because a table other than that of its roots is missing, and it was not known before that
/// some are: it is undone, and can be run again, relation by relation.
pub(super) fn is_news(session: &Session, result: &Result<()>, roots: &Table) -> bool {
    let Err(error) = result else { return false };
    is_of(error, roots).is_some_and(|roots| !roots) && session.goes_one_by_one()
}

/// Whether it is this table that is missing; none, when none is.
fn is_of(error: &Error, table: &Table) -> Option<bool> {
    (error.kind() == Kind::MissingTable).then(|| error.context().table.as_ref() == Some(&table.name))
}

/// The result; nothing when this table is not in the database.
pub(super) fn or_none<T: Default>(result: Result<T>, table: &Table) -> Result<T> {
    match result {
        Err(error) if is_of(&error, table) == Some(true) => Ok(T::default()),
        result => result,
    }
}
