//! The types of columns on PostgreSQL, by name.

use super::{Dialect, identifier};
use crate::schema::Table;
use std::borrow::Cow;

/// The type of a column.
pub(super) fn of_column(table: &Table, position: usize) -> Cow<'static, str> {
    match enum_of(table, position) {
        Some(own) => Cow::Owned(own),
        None => table.columns[position].kind().database_name(Dialect::Postgres),
    }
}

/// The name of a column's own enum type, quoted. It ends in `_enum`, because a table brings a type of its name with it:
/// the labels of `users.role` must not stand in the way of the table `users_role`. A key that is one of some labels is
/// plain text, because whatever refers to it has to be of its type.
pub(super) fn enum_of(table: &Table, position: usize) -> Option<String> {
    let column = &table.columns[position];
    if column.primary_key || column.references.is_some() {
        return None;
    }
    column.kind().labels()?;
    let mut quoted = String::new();
    identifier::quote(&mut quoted, &identifier::fitted(&format!("{}_{}_enum", table.name, column.name)));
    Some(quoted)
}
