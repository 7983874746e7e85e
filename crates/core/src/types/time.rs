//! Times of day, to the microsecond. SQLite has none and holds `10:30:00.000000`.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{self, Cell, Value};

/// The text of a time of day on PostgreSQL, with all its microseconds.
const ISO: &str = "to_char({x}, 'HH24:MI:SS.US')";

pub(super) struct Time;

impl TypeRules for Time {
    const DESCRIPTION: &'static Description = &Description {
        name: "time",
        code: 7,
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
            name: "time",
            collation: None,
            // PostgreSQL leaves zeros of the fraction out when it writes such a list as JSON.
            in_arrays: false,
            json: ISO,
            key_text: ISO,
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Time(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Text(v) => value::Time::parse(v).map(Value::Time),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        let half_past_ten = value::Time { hour: 10, minute: 30, second: 0, microsecond: 7 };
        (super::ColumnType::Time, Value::Time(half_past_ten))
    }
}

impl ValueRules for Time {
    type Held = value::Time;

    const CURSOR: u8 = 8;

    fn check(held: &value::Time, _rules: &Rules) -> Result<(), String> {
        match held.exists() {
            true => Ok(()),
            false => Err("a time of day lies between 00:00 and 23:59:59.999999".into()),
        }
    }

    fn key_text(held: &value::Time) -> String {
        held.to_string()
    }

    fn json_text(held: &value::Time, _dialect: Dialect) -> String {
        format!("\"{held}\"")
    }

    fn write(held: &value::Time, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&held.microseconds().to_le_bytes());
    }

    fn read(bytes: &mut Reader<'_>) -> Option<value::Time> {
        bytes.number().map(value::Time::from_microseconds)
    }
}
