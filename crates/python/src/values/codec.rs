//! How the values of a field look in Python.

use pyo3::prelude::*;

/// What a field's values are in Python, in the order of the engine's column types.
pub enum Codec {
    Integer,
    Text,
    Boolean,
    Float,
    Decimal,
    /// Naive, in local time; of a database with a zone aware, in that zone.
    Timestamp,
    /// Aware, in UTC or in the database's zone.
    AwareTimestamp,
    Date,
    Time,
    Json,
    Uuid,
    /// Members by name.
    Enum(Vec<(String, Py<PyAny>)>),
    /// A list; of this Python type, if one is named.
    Array(Option<Py<PyAny>>),
    /// Whatever the key that a foreign key points to is: an integer, text or a UUID.
    Key,
}

impl Codec {
    /// The Python type that a caller is to pass, for messages.
    pub fn expects(&self) -> &'static str {
        match self {
            Self::Integer => "an int",
            Self::Text => "a str",
            Self::Boolean => "a bool",
            Self::Float => "a float",
            Self::Decimal => "a decimal.Decimal",
            Self::Timestamp | Self::AwareTimestamp => "a datetime.datetime",
            Self::Date => "a datetime.date",
            Self::Time => "a naive datetime.time",
            Self::Json => "JSON (dict, list, str, int, float, bool, None)",
            Self::Uuid => "a uuid.UUID",
            Self::Enum(_) => "a member of the enumeration",
            Self::Array(_) => "a list of JSON values",
            Self::Key => "the key of a row (int, str or uuid.UUID)",
        }
    }
}
