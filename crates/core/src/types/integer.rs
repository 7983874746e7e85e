//! 64-bit integers.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::Value;

pub(super) struct Integer;

impl TypeRules for Integer {
    const DESCRIPTION: &'static Description = &Description {
        name: "integer",
        code: 0,
        limits: Limits::Value,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "INTEGER",
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "bigint",
            collation: None,
            in_arrays: true,
            json: "{x}",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Int(_))
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Integer, Value::Int(-7))
    }
}

impl ValueRules for Integer {
    type Held = i64;

    const CURSOR: u8 = 2;

    fn check(held: &i64, rules: &Rules) -> Result<(), String> {
        rules.check_range(*held as f64)
    }

    fn key_text(held: &i64) -> String {
        held.to_string()
    }

    fn json_text(held: &i64, _dialect: Dialect) -> String {
        held.to_string()
    }

    fn write(held: &i64, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&held.to_le_bytes());
    }

    fn read(bytes: &mut Reader<'_>) -> Option<i64> {
        bytes.number()
    }
}
