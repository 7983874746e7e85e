//! Exact decimals. SQLite has none and holds text, under a collation that compares numbers.

mod order;

pub use order::compare_decimals;

use super::rules::{Description, Limits, Storage, TypeRules};
use super::text::quoted;
use super::value_rules::ValueRules;
use crate::query::cursor::{Reader, measured};
use crate::schema::Rules;
use crate::sql::{DECIMAL_COLLATION, Dialect};
use crate::value::{Cell, Value};

/// The most digits that every database keeps.
const MOST_DIGITS: u32 = 1000;

/// The most digits that other databases keep, and so the most that a column written by hand asks for.
const MOST_BY_HAND: u32 = 38;

pub(super) struct Decimal {
    pub(super) precision: u32,
    pub(super) scale: u32,
}

impl TypeRules for Decimal {
    const DESCRIPTION: &'static Description = &Description {
        name: "decimal",
        code: 4,
        limits: Limits::Value,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "TEXT",
            collation: Some(DECIMAL_COLLATION),
            in_arrays: false,
            json: "{x}",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "numeric",
            collation: None,
            in_arrays: false,
            // As text, because most readers take numbers in JSON for doubles.
            json: "{x}::text",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Decimal(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Text(v) => Some(Value::Decimal(v.to_owned())),
            cell => self.as_is(cell),
        }
    }

    fn check(&self, value: &Value, rules: &Rules) -> Result<(), String> {
        if let Value::Decimal(number) = value {
            self.check_digits(number)?;
        }
        super::values::check(value, rules)
    }

    fn contradiction(&self) -> Option<String> {
        let Self { precision, scale } = *self;
        (precision == 0 || precision > MOST_DIGITS || scale > precision).then(|| {
            format!(
                "precision={precision} and scale={scale}: precision counts all digits, 1 to {MOST_DIGITS}, and scale those \
                 of them that are behind the point"
            )
        })
    }

    fn parameters(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Sqlite => String::new(),
            // The face declared the column, for a type that fixes no digits. Each value keeps its digits as they are.
            Dialect::Postgres if self.precision > MOST_BY_HAND => String::new(),
            Dialect::Postgres => format!("({}, {})", self.precision, self.scale),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Decimal { precision: 12, scale: 2 }, Value::Decimal("-12.50".to_owned()))
    }
}

impl Decimal {
    /// Refuses digits that would be lost: nothing rounds them.
    fn check_digits(&self, number: &str) -> Result<(), String> {
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let before = self.precision.saturating_sub(self.scale);
        if fraction.trim_end_matches('0').len() > self.scale as usize {
            return Err(format!("keeps {} digits after the point: round it first", self.scale));
        }
        if whole.trim_start_matches(['-', '0']).len() > before as usize {
            return Err(format!("keeps {before} digits before the point"));
        }
        Ok(())
    }
}

impl ValueRules for Decimal {
    type Held = String;

    const CURSOR: u8 = 9;

    fn check(held: &String, rules: &Rules) -> Result<(), String> {
        rules.check_range(held.parse().unwrap_or(f64::NAN))
    }

    fn key_text(held: &String) -> String {
        held.clone()
    }

    fn json_text(held: &String, _dialect: Dialect) -> String {
        quoted(held)
    }

    fn write(held: &String, bytes: &mut Vec<u8>) {
        measured(held.as_bytes(), bytes);
    }

    fn read(bytes: &mut Reader<'_>) -> Option<String> {
        bytes.text()
    }
}
