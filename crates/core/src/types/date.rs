//! Calendar dates. SQLite has none and holds `2025-10-22`.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{self, Cell, Value};

/// The text of a date on PostgreSQL, whatever the session's DateStyle.
const ISO: &str = "to_char({x}, 'YYYY-MM-DD')";

pub(super) struct Date;

impl TypeRules for Date {
    const DESCRIPTION: &'static Description = &Description {
        name: "date",
        code: 6,
        limits: Limits::None,
        document: false,
        ordered: true,
        varying_text: true,
        sqlite: Storage {
            name: "TEXT",
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "date",
            collation: None,
            in_arrays: true,
            json: ISO,
            key_text: ISO,
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Date(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Text(v) => value::Date::parse(v).map(Value::Date),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Date, Value::Date(value::Date { year: 2025, month: 10, day: 22 }))
    }
}

impl ValueRules for Date {
    type Held = value::Date;

    const CURSOR: u8 = 7;

    fn check(held: &value::Date, _rules: &Rules) -> Result<(), String> {
        match held.exists() {
            true => Ok(()),
            false => Err("expected a date that exists, between 0001-01-01 and 9999-12-31".into()),
        }
    }

    fn key_text(held: &value::Date) -> String {
        held.to_string()
    }

    fn json_text(held: &value::Date, _dialect: Dialect) -> String {
        format!("\"{held}\"")
    }

    fn write(held: &value::Date, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&held.days().to_le_bytes());
    }

    fn read(bytes: &mut Reader<'_>) -> Option<value::Date> {
        bytes.number().map(value::Date::from_days)
    }
}
