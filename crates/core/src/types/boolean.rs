//! Booleans. SQLite has none and holds 0 or 1.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::sql::Dialect;
use crate::value::{Cell, Value};

pub(super) struct Boolean;

impl TypeRules for Boolean {
    const DESCRIPTION: &'static Description = &Description {
        name: "boolean",
        code: 2,
        limits: Limits::None,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "INTEGER",
            collation: None,
            in_arrays: false,
            json: "json(CASE {x} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "boolean",
            collation: None,
            in_arrays: true,
            json: "{x}",
            key_text: "{x}::int::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Bool(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Int(v @ (0 | 1)) => Some(Value::Bool(v == 1)),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Boolean, Value::Bool(true))
    }
}

impl ValueRules for Boolean {
    type Held = bool;

    const CURSOR: u8 = 1;

    fn key_text(held: &bool) -> String {
        u8::from(*held).to_string()
    }

    fn json_text(held: &bool, _dialect: Dialect) -> String {
        held.to_string()
    }

    fn write(held: &bool, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(*held));
    }

    fn read(bytes: &mut Reader<'_>) -> Option<bool> {
        bytes.array().map(|[byte]| byte == 1)
    }
}
