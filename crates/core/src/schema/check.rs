//! Whether a value may be written into a column: the one check both faces go through before a statement.

use super::{Column, Rules, Table};
use crate::error::{Error, Kind, Result};
use crate::value::Value;

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
        let kind = self.kind();
        match kind.accepts(value) {
            true => kind.check(value, &self.rules),
            false => Err(kind.refusal(value)),
        }
    }

    /// JSON has neither number: a row that holds one could not be sent to anyone.
    fn check_finite(&self, number: f64) -> std::result::Result<(), String> {
        if number.is_finite() || (number.is_infinite() && self.rules.infinity) {
            return Ok(());
        }
        Err(match number.is_nan() {
            _ if self.kind().description().document => "JSON has neither NaN nor infinity",
            // SQLite would store NULL in its place.
            true => "NaN cannot be stored; use None",
            false => "expected a finite number: a field that is to hold infinity says allow_infinity",
        }
        .into())
    }
}

impl Rules {
    /// Refuses a text that is too short or too long.
    pub(crate) fn check_length(&self, text: &str) -> std::result::Result<(), String> {
        // A text has at most as many characters as bytes: most need no count.
        if let Some(max) = self.max_length
            && text.len() > max
            && text.chars().count() > max
        {
            return Err(format!("Length must be <= {max}"));
        }
        match self.min_length {
            Some(min) if text.chars().count() < min => Err(format!("Length must be >= {min}")),
            _ => Ok(()),
        }
    }

    /// Refuses a number that is too small or too large.
    pub(crate) fn check_range(&self, number: f64) -> std::result::Result<(), String> {
        match (self.min_value, self.max_value) {
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
