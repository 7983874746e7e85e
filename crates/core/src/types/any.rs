//! Values of any type, in one column: the journal keeps keys and old values of other tables. SQLite stores them as they
//! come; PostgreSQL stores their canonical text.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::uuid::uuid_text;
use crate::value::Value;

pub(super) struct Any;

impl TypeRules for Any {
    const DESCRIPTION: &'static Description = &Description {
        name: "value",
        code: 12,
        limits: Limits::None,
        document: false,
        ordered: false,
        varying_text: false,
        sqlite: Storage {
            // SQLite stores what it is given where a column has no type.
            name: "",
            collation: None,
            in_arrays: false,
            json: uuid_text!(),
            key_text: concat!("CAST(", uuid_text!(), " AS TEXT)"),
            from_text: None,
        },
        postgres: Storage {
            name: "text",
            // The column is compared with texts of every collation.
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "{x}",
            from_text: None,
        },
    };

    fn accepts(&self, _value: &Value) -> bool {
        true
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Any, Value::Int(7))
    }
}
