//! Whether a value may be written into a column: the one check both faces go through before a statement.

use super::{Column, ColumnType, Table};
use crate::error::{Error, Kind, Result};
use crate::value::{Timestamp, Value};

impl Column {
    /// Refuses a value that the column cannot hold, with what is wrong in the words a caller acts on. They never repeat
    /// the value, which may be a secret and goes where errors go: into logs, and to clients.
    pub fn check(&self, value: &Value) -> std::result::Result<(), String> {
        if value.is_null() {
            return if self.nullable { Ok(()) } else { Err("Field cannot be null".into()) };
        }
        if let Value::Float(number) = value {
            self.check_finite(*number)?;
        }
        if !self.kind().accepts(value) {
            return Err(match (self.kind(), value) {
                (ColumnType::Enum(labels), Value::Text(_)) => {
                    format!("expected one of {}", labels.join(", "))
                }
                (kind, value) => format!("expected {}, got {}", kind.name(), value.type_name()),
            });
        }
        match value {
            Value::Text(text) => self.check_length(text),
            Value::Int(number) => self.check_range(*number as f64),
            Value::Float(number) => self.check_range(*number),
            Value::Json(text) => check_depth(text),
            Value::Decimal(number) => {
                self.check_digits(number)?;
                self.check_range(number.parse().unwrap_or(f64::NAN))
            }
            Value::Date(date) if !date.exists() => Err(NO_DATE.into()),
            Value::Time(time) if !time.exists() => {
                Err("a time of day lies between 00:00 and 23:59:59.999999".into())
            }
            Value::Timestamp(at) if !(Timestamp::MIN..=Timestamp::MAX).contains(at) => {
                Err(format!("an instant lies between {} and {}", Timestamp::MIN, Timestamp::MAX))
            }
            _ => Ok(()),
        }
    }

    /// JSON has neither number: a row that holds one could not be sent to anyone.
    fn check_finite(&self, number: f64) -> std::result::Result<(), String> {
        match self.kind() {
            _ if number.is_finite() || (number.is_infinite() && self.rules.infinity) => Ok(()),
            ColumnType::Json | ColumnType::Array(_) => Err("JSON has neither NaN nor infinity".into()),
            // SQLite would store NULL in its place.
            _ if number.is_nan() => Err("NaN cannot be stored; use None".into()),
            _ => Err("expected a finite number: a field that is to hold infinity says allow_infinity".into()),
        }
    }

    /// Digits that would be lost are refused, not rounded.
    fn check_digits(&self, number: &str) -> std::result::Result<(), String> {
        let ColumnType::Decimal { precision, scale } = *self.kind() else { return Ok(()) };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let before = precision.saturating_sub(scale);
        if fraction.trim_end_matches('0').len() > scale as usize {
            return Err(format!("keeps {scale} digits after the point: round it first"));
        }
        if whole.trim_start_matches(['-', '0']).len() > before as usize {
            return Err(format!("keeps {before} digits before the point"));
        }
        Ok(())
    }

    fn check_length(&self, text: &str) -> std::result::Result<(), String> {
        // A text has at most as many characters as bytes: most need no count.
        if let Some(max) = self.rules.max_length
            && text.len() > max
            && text.chars().count() > max
        {
            return Err(format!("Length must be <= {max}"));
        }
        match self.rules.min_length {
            Some(min) if text.chars().count() < min => Err(format!("Length must be >= {min}")),
            _ => Ok(()),
        }
    }

    fn check_range(&self, number: f64) -> std::result::Result<(), String> {
        match (self.rules.min_value, self.rules.max_value) {
            (Some(min), _) if number < min => Err(format!("Value must be >= {min}")),
            (_, Some(max)) if number > max => Err(format!("Value must be <= {max}")),
            _ => Ok(()),
        }
    }
}

const NO_DATE: &str = "expected a date that exists, between 0001-01-01 and 9999-12-31";

/// How deep lists and objects of a document may lie in each other. Readers recurse: serde_json stops at 128, Python's
/// encoders run out of stack at a few hundred, and a row that they cannot write could never be listed again.
pub const MAX_JSON_DEPTH: usize = 100;

fn check_depth(text: &str) -> std::result::Result<(), String> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > MAX_JSON_DEPTH {
                    return Err(format!("a document is at most {MAX_JSON_DEPTH} lists and objects deep"));
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

impl Table {
    /// [`Column::check`], as an error that names the model and the field.
    pub fn check(&self, column: usize, value: &Value) -> Result<()> {
        let field = &self.columns[column];
        field.check(value).map_err(|why| {
            Error::new(Kind::InvalidValue, format!("{}.{}: {why}", self.model, field.name))
                .model(&self.model)
                .field(&field.name)
                .value(why)
        })
    }
}
