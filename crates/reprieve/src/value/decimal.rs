//! `rust_decimal::Decimal`: exact, stored as text in plain notation where the database has no such type.

use super::{Bound, Cell, ColumnType, Value};
use rust_decimal::Decimal;

impl Value for Decimal {
    fn column() -> ColumnType {
        // What the type itself holds; `#[model(precision = …, scale = …)]` narrows it.
        ColumnType::Decimal { precision: 57, scale: 28 }
    }

    fn to_value(&self) -> Bound {
        Bound::Decimal(self.to_string())
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => text.parse().ok(),
            Cell::Int(v) => Some(v.into()),
            _ => None,
        }
    }
}
