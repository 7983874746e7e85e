//! `serde_json::Value`.

use super::{Bound, Cell, ColumnType, Value};

impl Value for serde_json::Value {
    fn column() -> ColumnType {
        ColumnType::Json
    }

    fn to_value(&self) -> Bound {
        Bound::Json(self.to_string())
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}
