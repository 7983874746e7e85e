//! `uuid::Uuid`.

use super::{Bound, Cell, ColumnType, Value};
use ::uuid::Uuid;

impl Value for Uuid {
    fn column() -> ColumnType {
        ColumnType::Uuid
    }

    fn to_value(&self) -> Bound {
        Bound::Uuid(self.into_bytes())
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Uuid(v) => Some(Self::from_bytes(v)),
            Cell::Bytes(v) => Self::from_slice(v).ok(),
            Cell::Text(v) => Self::parse_str(v).ok(),
            _ => None,
        }
    }
}
