//! The types of PostgreSQL, by name.

use super::identifier;
use crate::schema::{ColumnType, Table};

/// The type that holds a value of this kind. Enums have types of their own, which belong to a column: see
/// [`of_column`].
pub(super) fn of_kind(kind: &ColumnType) -> String {
    let name = match kind {
        ColumnType::Integer | ColumnType::Key => "bigint",
        ColumnType::Text | ColumnType::Enum(_) | ColumnType::Any => "text",
        ColumnType::Boolean => "boolean",
        ColumnType::Float => "double precision",
        ColumnType::Decimal { .. } => "numeric",
        ColumnType::Timestamp => "timestamptz",
        ColumnType::Date => "date",
        ColumnType::Time => "time",
        ColumnType::Uuid => "uuid",
        ColumnType::Bytes => "bytea",
        ColumnType::Array(item) if is_item(item) => return format!("{}[]", of_kind(item)),
        ColumnType::Json | ColumnType::Array(_) => "jsonb",
    };
    name.to_owned()
}

/// The type of a column.
pub(super) fn of_column(table: &Table, position: usize) -> String {
    enum_of(table, position).unwrap_or_else(|| of_kind(table.columns[position].kind()))
}

/// Whether a list of these is an array of the database. Others stay JSON: items of any type, lists in lists, and what
/// the database would write into JSON in another way than everybody else.
fn is_item(item: &ColumnType) -> bool {
    matches!(
        item,
        ColumnType::Integer
            | ColumnType::Text
            | ColumnType::Boolean
            | ColumnType::Float
            | ColumnType::Uuid
            | ColumnType::Date
            | ColumnType::Enum(_)
    )
}

/// The name of a column's own enum type, quoted. It ends in `_enum`, because a table brings a type of its name with it:
/// the labels of `users.role` must not stand in the way of the table `users_role`. A key that is one of some labels is
/// plain text, for whatever refers to it has to be of its type.
pub(super) fn enum_of(table: &Table, position: usize) -> Option<String> {
    let column = &table.columns[position];
    if !matches!(column.kind(), ColumnType::Enum(_)) || column.primary_key || column.references.is_some() {
        return None;
    }
    let mut quoted = String::new();
    identifier::quote(&mut quoted, &identifier::fitted(&format!("{}_{}_enum", table.name, column.name)));
    Some(quoted)
}
