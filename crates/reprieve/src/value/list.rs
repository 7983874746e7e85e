//! Lists of values, stored as JSON where the database has no arrays.

#[cfg(feature = "json")]
use super::{Bound, Cell, ColumnType, Value};

/// A list of texts, numbers or booleans in one column.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct List<T>(
    /// The items.
    pub Vec<T>,
);

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self(items)
    }
}

/// The items that a list can have.
#[cfg(feature = "json")]
macro_rules! items {
    ($($of:ty: $read:expr;)*) => {$(
        impl Value for List<$of> {
            fn column() -> ColumnType {
                ColumnType::Array(Box::new(<$of>::column()))
            }

            fn to_value(&self) -> Bound {
                Bound::Json(serde_json::Value::from(self.0.clone()).to_string())
            }

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                let Cell::Text(text) = cell else { return None };
                let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
                items.into_iter().map($read).collect::<Option<Vec<$of>>>().map(Self)
            }
        }
    )*};
}

#[cfg(feature = "json")]
items! {
    String: |item| match item {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    };
    i64: |item| item.as_i64();
    f64: |item| item.as_f64();
    bool: |item| item.as_bool();
}
