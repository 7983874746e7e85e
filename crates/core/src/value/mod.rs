//! Values as they go in ([`Value`], owned) and as they come out of a driver's buffer ([`Cell`], borrowed).

mod cell;
mod date;
#[cfg(feature = "serde")]
mod serde;
mod timestamp;

pub use cell::Cell;
pub use date::{Date, Time};
pub use timestamp::{ParseTimestampError, Timestamp};

/// A value on its way into a statement. Drivers store it in the form their database has for it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// NULL.
    Null,
    /// A boolean (0 and 1 where the database has none).
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double; [`crate::schema::Column::check`] refuses NaN, and infinity unless the column allows it.
    Float(f64),
    /// Text, and enum labels.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An instant, UTC, to the microsecond.
    Timestamp(Timestamp),
    /// A calendar date.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// An exact decimal in plain notation, such as `-12.50`.
    Decimal(String),
    /// A UUID.
    Uuid([u8; 16]),
    /// A JSON document, serialized.
    Json(String),
    /// Several values of one type: what a database with arrays is given for `IN`. Never stored.
    List(Vec<Value>),
}

impl Value {
    /// Whether this is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The name of the value's type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "str",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "datetime",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::Decimal(_) => "Decimal",
            Self::Uuid(_) => "UUID",
            Self::Json(_) => "JSON",
            Self::List(_) => "list",
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(value: $from) -> Self { Self::$variant(value.into()) }
        })*
    };
}

value_from! {
    bool => Bool, i64 => Int, i32 => Int, u32 => Int, f64 => Float, String => Text, &str => Text,
    Vec<u8> => Bytes, Timestamp => Timestamp, Date => Date, Time => Time, [u8; 16] => Uuid,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
