//! Whether a value may be written into a column: the one check both faces go through before a statement.

use super::{Column, ColumnType, Table};
use crate::error::{Error, Kind, Result};
use crate::value::Value;

impl Column {
    /// Refuses a value that the column cannot hold, with what is wrong in the words a caller acts on.
    pub fn check(&self, value: &Value) -> std::result::Result<(), String> {
        if value.is_null() {
            return if self.nullable { Ok(()) } else { Err("Field cannot be null".into()) };
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
            Value::Float(number) if number.is_nan() => Err("NaN cannot be stored; use None".into()),
            Value::Float(number) => self.check_range(*number),
            Value::Decimal(number) => self.check_range(number.parse().unwrap_or(f64::NAN)),
            _ => Ok(()),
        }
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
