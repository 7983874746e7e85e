//! Lists of values in one column: `Vec<String>` and the like, stored as JSON where the database has no arrays. `Vec<u8>` is
//! bytes, and no list.

use super::{Bound, Cell, ColumnType, Value};

macro_rules! lists {
    ($($of:ty: $read:expr;)*) => {$(
        impl Value for Vec<$of> {
            fn column() -> ColumnType {
                ColumnType::Array(Box::new(<$of>::column()))
            }

            fn to_value(&self) -> Bound {
                match self.iter().map(Item::item).collect::<Option<Vec<serde_json::Value>>>() {
                    Some(items) => Bound::Json(serde_json::Value::Array(items).to_string()),
                    // Refused by the check of the column: JSON has no such number.
                    None => Bound::Float(f64::NAN),
                }
            }

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                let Cell::Text(text) = cell else { return None };
                let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
                items.into_iter().map($read).collect()
            }
        }
    )*};
}

lists! {
    String: |item| match item {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    };
    i64: |item| item.as_i64();
    i32: |item| item.as_i64()?.try_into().ok();
    f64: |item| item.as_f64();
    bool: |item| item.as_bool();
}

/// An item of a list as JSON; none when JSON has no form for it.
trait Item {
    fn item(&self) -> Option<serde_json::Value>;
}

macro_rules! items {
    ($($of:ty)*) => {$(
        impl Item for $of {
            fn item(&self) -> Option<serde_json::Value> {
                Some(self.clone().into())
            }
        }
    )*};
}

items! { String i64 i32 bool }

impl Item for f64 {
    fn item(&self) -> Option<serde_json::Value> {
        serde_json::Number::from_f64(*self).map(serde_json::Value::Number)
    }
}
