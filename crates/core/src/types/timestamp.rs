//! Instants, UTC, to the microsecond. SQLite has none and holds `2025-10-22 10:30:00.000000`.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{self, Cell, Value};

pub(super) struct Timestamp;

impl TypeRules for Timestamp {
    const DESCRIPTION: &'static Description = &Description {
        name: "datetime",
        code: 5,
        limits: Limits::None,
        document: false,
        ordered: true,
        varying_text: true,
        sqlite: Storage {
            name: "TEXT",
            collation: None,
            in_arrays: false,
            json: "replace({x}, ' ', 'T') || '+00:00'",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "timestamptz",
            collation: None,
            in_arrays: false,
            // The text that a cast writes depends on settings of the session.
            json: "to_char({x} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')",
            key_text: "to_char({x} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
            from_text: Some("({x}::timestamp AT TIME ZONE 'UTC')"),
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Timestamp(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Text(v) => value::Timestamp::parse(v).ok().map(Value::Timestamp),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        let at = value::Timestamp::from_microseconds(1_761_129_000_123_456);
        (super::ColumnType::Timestamp, Value::Timestamp(at))
    }
}

impl ValueRules for Timestamp {
    type Held = value::Timestamp;

    const CURSOR: u8 = 6;

    fn check(held: &value::Timestamp, _rules: &Rules) -> Result<(), String> {
        let (first, last) = (value::Timestamp::MIN, value::Timestamp::MAX);
        match (first..=last).contains(held) {
            true => Ok(()),
            false => Err(format!("an instant lies between {first} and {last}")),
        }
    }

    fn key_text(held: &value::Timestamp) -> String {
        held.to_string()
    }

    fn json_text(held: &value::Timestamp, _dialect: Dialect) -> String {
        let (date, time) = held.parts();
        format!("\"{date}T{time}+00:00\"")
    }

    fn write(held: &value::Timestamp, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&held.microseconds().to_le_bytes());
    }

    fn read(bytes: &mut Reader<'_>) -> Option<value::Timestamp> {
        bytes.number().map(value::Timestamp::from_microseconds)
    }
}
