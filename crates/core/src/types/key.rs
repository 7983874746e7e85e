//! The key that a foreign key points to: an integer, a text or a UUID. A column has this type until
//! [`crate::schema::Column::kind`] knows the other table, and counts as an integer until then.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::uuid::uuid_text;
use crate::value::{Cell, Value};

pub(super) struct Key;

impl TypeRules for Key {
    const DESCRIPTION: &'static Description = &Description {
        name: "key",
        code: 13,
        limits: Limits::None,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "INTEGER",
            collation: None,
            in_arrays: false,
            json: uuid_text!(),
            key_text: concat!("CAST(", uuid_text!(), " AS TEXT)"),
            from_text: None,
        },
        postgres: Storage {
            name: "bigint",
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Int(_) | Value::Text(_) | Value::Uuid(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Bytes(v) => v.try_into().ok().map(Value::Uuid),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Key, Value::from("de"))
    }
}
