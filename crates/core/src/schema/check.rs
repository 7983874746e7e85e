//! Whether a value may be written into a column: the one check both faces go through before a statement.

use super::{Column, ColumnType, Table};
use crate::error::{Error, Kind, Result};
use crate::value::{Timestamp, Value};

impl Column {
    /// Refuses a value that the column cannot hold, with what is wrong in the words a caller acts on.
    pub fn check(&self, value: &Value) -> std::result::Result<(), String> {
        if value.is_null() {
            return if self.nullable { Ok(()) } else { Err("Field cannot be null".into()) };
        }
        if matches!(value, Value::Float(number) if number.is_nan()) {
            return Err("NaN cannot be stored; use None".into());
        }
        if !self.kind().accepts(value) {
            return Err(match (self.kind(), value) {
                (ColumnType::Enum(labels), Value::Text(label)) => {
                    format!("'{label}' is not one of {}", labels.join(", "))
                }
                (kind, value) => format!("expected {}, got {}", kind.name(), value.type_name()),
            });
        }
        match value {
            Value::Text(text) => self.check_length(text),
            Value::Int(number) => self.check_range(*number as f64),
            Value::Float(number) => self.check_range(*number),
            Value::Decimal(number) => {
                self.check_digits(number)?;
                self.check_range(number.parse().unwrap_or(f64::NAN))
            }
            Value::Date(date) if !date.exists() => {
                Err(format!("{date} is no date between 0001-01-01 and 9999-12-31"))
            }
            Value::Time(time) if !time.exists() => Err(format!("{time} is no time of day")),
            Value::Timestamp(at) if !(Timestamp::MIN..=Timestamp::MAX).contains(at) => {
                Err(format!("an instant lies between {} and {}", Timestamp::MIN, Timestamp::MAX))
            }
            _ => Ok(()),
        }
    }

    /// Digits that would be lost are refused, not rounded.
    fn check_digits(&self, number: &str) -> std::result::Result<(), String> {
        let ColumnType::Decimal { precision, scale } = *self.kind() else { return Ok(()) };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let before = precision.saturating_sub(scale);
        if fraction.trim_end_matches('0').len() > scale as usize {
            return Err(format!("keeps {scale} digits after the point: round it first, got {number}"));
        }
        if whole.trim_start_matches(['-', '0']).len() > before as usize {
            return Err(format!("keeps {before} digits before the point, got {number}"));
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
