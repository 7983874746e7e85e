//! One column of one row, borrowed from the driver's buffer.

use super::{Date, Time, Timestamp, Value};

/// A column's value as the driver has it. A database without a native type hands over its storage form: on
/// SQLite an instant is [`Cell::Text`], a boolean is [`Cell::Int`]; [`crate::schema::ColumnType::decode`] knows both.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// Text (valid UTF-8: a driver refuses other bytes with an error).
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An instant.
    Timestamp(Timestamp),
    /// A calendar date.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A UUID.
    Uuid([u8; 16]),
}

impl Cell<'_> {
    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "an instant",
            Self::Date(_) => "a date",
            Self::Time(_) => "a time of day",
            Self::Uuid(_) => "a UUID",
        }
    }

    /// The same value, owned, without looking at the column's type.
    pub fn to_value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(v) => Value::Bool(v),
            Self::Int(v) => Value::Int(v),
            Self::Float(v) => Value::Float(v),
            Self::Text(v) => Value::Text(v.to_owned()),
            Self::Bytes(v) => Value::Bytes(v.to_vec()),
            Self::Timestamp(v) => Value::Timestamp(v),
            Self::Date(v) => Value::Date(v),
            Self::Time(v) => Value::Time(v),
            Self::Uuid(v) => Value::Uuid(v),
        }
    }
}
