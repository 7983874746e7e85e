//! Types of the language and of the engine.

use super::{Bound, Cell, ColumnType, Date, Time, Timestamp, Value};

macro_rules! integers {
    ($($of:ty)*) => {$(
        impl Value for $of {
            fn column() -> ColumnType {
                ColumnType::Integer
            }

            fn to_value(&self) -> Bound {
                Bound::Int(i64::from(*self))
            }

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Int(v) => v.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

integers! { i64 i32 i16 i8 u32 u16 u8 }

/// The types that a driver hands over as they are, or as text in their one form, in the order of the column types.
macro_rules! cells {
    ($($of:ty: $column:ident, $($cell:pat => $read:expr),+;)*) => {$(
        impl Value for $of {
            fn column() -> ColumnType {
                ColumnType::$column
            }

            fn to_value(&self) -> Bound {
                Bound::from(self.clone())
            }

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    $($cell => $read,)+
                    _ => None,
                }
            }
        }
    )*};
}

cells! {
    String: Text, Cell::Text(v) => Some(v.to_owned());
    bool: Boolean, Cell::Bool(v) => Some(v), Cell::Int(v @ (0 | 1)) => Some(v == 1);
    f64: Float, Cell::Float(v) => Some(v), Cell::Int(v) => Some(v as f64);
    Timestamp: Timestamp, Cell::Timestamp(v) => Some(v), Cell::Text(v) => Timestamp::parse(v).ok();
    Date: Date, Cell::Date(v) => Some(v), Cell::Text(v) => Date::parse(v);
    Time: Time, Cell::Time(v) => Some(v), Cell::Text(v) => Time::parse(v);
    Vec<u8>: Bytes, Cell::Bytes(v) => Some(v.to_vec());
}

impl Value for f32 {
    fn column() -> ColumnType {
        ColumnType::Float
    }

    fn to_value(&self) -> Bound {
        Bound::Float(f64::from(*self))
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        f64::from_cell(cell).map(|v| v as Self)
    }
}
