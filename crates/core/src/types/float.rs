//! Doubles. SQLite hands over one without a fraction as an integer.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{Cell, Value};

pub(super) struct Float;

impl TypeRules for Float {
    const DESCRIPTION: &'static Description = &Description {
        name: "float",
        code: 3,
        limits: Limits::Value,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "REAL",
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "double precision",
            collation: None,
            in_arrays: true,
            // PostgreSQL would write an infinity as text. A number that is too large for a double stands for it. Adding zero
            // gives every number a digit after the point, without which a reader takes it for an integer.
            json: "CASE {x} WHEN 'Infinity' THEN 9e400::numeric(402, 1) WHEN '-Infinity' THEN \
                   -9e400::numeric(402, 1) ELSE {x}::text::numeric + 0.0 END",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Float(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Int(v) => Some(Value::Float(v as f64)),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Float, Value::Float(2.5))
    }
}

impl ValueRules for Float {
    type Held = f64;

    const CURSOR: u8 = 3;

    fn check(held: &f64, rules: &Rules) -> Result<(), String> {
        rules.check_range(*held)
    }

    fn key_text(held: &f64) -> String {
        format!("{held:?}")
    }

    fn json_text(held: &f64, dialect: Dialect) -> String {
        match dialect {
            _ if held.is_nan() => "null".to_owned(),
            Dialect::Sqlite => shortest(*held),
            Dialect::Postgres => without_exponent(*held),
        }
    }

    fn write(held: &f64, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&held.to_bits().to_le_bytes());
    }

    fn read(bytes: &mut Reader<'_>) -> Option<f64> {
        bytes.array().map(|bits| f64::from_bits(u64::from_le_bytes(bits)))
    }
}

/// JSON has no infinity: SQLite and Python read a number out of range as one.
fn shortest(number: f64) -> String {
    match number {
        f64::INFINITY => "9.0e+999".to_owned(),
        f64::NEG_INFINITY => "-9.0e+999".to_owned(),
        _ => format!("{number:?}"),
    }
}

/// A double with a point, by which readers tell it from an integer. A number that is too large for a double stands for
/// an infinity.
fn without_exponent(number: f64) -> String {
    if number.is_infinite() {
        return format!("{}9{}.0", if number < 0.0 { "-" } else { "" }, "0".repeat(400));
    }
    match format!("{number}") {
        text if text.contains('.') => text,
        whole => format!("{whole}.0"),
    }
}
