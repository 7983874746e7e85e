//! What a column can hold, and how a driver's cell becomes a value of it.

use crate::value::{Cell, Date, Time, Timestamp, Value};
use std::sync::Arc;

/// The type of a column, independent of the database.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnType {
    /// A 64-bit integer.
    Integer,
    /// Text; the length limit is in [`super::Rules`].
    Text,
    /// A boolean.
    Boolean,
    /// A double.
    Float,
    /// An exact decimal.
    Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// An instant, UTC, microseconds.
    Timestamp,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A JSON document.
    Json,
    /// A UUID.
    Uuid,
    /// Bytes.
    Bytes,
    /// One of these labels.
    Enum(Arc<[String]>),
    /// A list, stored as JSON where the database has no arrays.
    Array(Box<ColumnType>),
    /// Anything, stored as it comes: the journal keeps keys and old values of other tables.
    Any,
    /// The type of the key that the column's foreign key points to; see [`super::Column::kind`].
    Key,
}

impl ColumnType {
    /// The type's name, for messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Float => "float",
            Self::Decimal { .. } => "decimal",
            Self::Timestamp => "datetime",
            Self::Date => "date",
            Self::Time => "time",
            Self::Json => "JSON",
            Self::Uuid => "UUID",
            Self::Bytes => "bytes",
            Self::Enum(_) => "enum",
            Self::Array(_) => "array",
            Self::Any => "value",
            Self::Key => "key",
        }
    }

    /// Whether a (non-NULL) value is of this type, the label of an enum included.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Integer, Value::Int(_))
            | (Self::Text, Value::Text(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::Float, Value::Float(_))
            | (Self::Decimal { .. }, Value::Decimal(_))
            | (Self::Timestamp, Value::Timestamp(_))
            | (Self::Date, Value::Date(_))
            | (Self::Time, Value::Time(_))
            | (Self::Json | Self::Array(_), Value::Json(_))
            | (Self::Uuid, Value::Uuid(_))
            | (Self::Bytes, Value::Bytes(_)) => true,
            (Self::Enum(labels), Value::Text(label)) => labels.contains(label),
            (Self::Key, Value::Int(_) | Value::Text(_) | Value::Uuid(_)) | (Self::Any, _) => true,
            _ => false,
        }
    }

    /// A driver's cell as a value of this type: native, or in the storage form of a database without the type.
    /// `None`: the cell holds something else (a table written by another program).
    pub fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        Some(match (self, cell) {
            (_, Cell::Null) => Value::Null,
            (Self::Boolean, Cell::Int(v @ (0 | 1))) => Value::Bool(v == 1),
            (Self::Float, Cell::Int(v)) => Value::Float(v as f64),
            (Self::Timestamp, Cell::Text(v)) => Value::Timestamp(Timestamp::parse(v).ok()?),
            (Self::Date, Cell::Text(v)) => Value::Date(Date::parse(v)?),
            (Self::Time, Cell::Text(v)) => Value::Time(Time::parse(v)?),
            (Self::Decimal { .. }, Cell::Text(v)) => Value::Decimal(v.to_owned()),
            (Self::Json | Self::Array(_), Cell::Text(v)) => Value::Json(v.to_owned()),
            (Self::Uuid | Self::Key, Cell::Bytes(v)) => Value::Uuid(v.try_into().ok()?),
            (_, cell) => {
                let value = cell.to_value();
                return self.accepts(&value).then_some(value);
            }
        })
    }
}
