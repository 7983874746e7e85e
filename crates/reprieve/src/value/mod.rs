//! Rust types as the types of columns.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
#[cfg(feature = "json")]
mod json;
mod list;
mod operand;
mod plain;
#[cfg(feature = "uuid")]
mod uuid;

pub use list::List;
pub use operand::{ComparesTo, Sets};
pub use reprieve_core::schema::ColumnType;
pub use reprieve_core::value::{Cell, Date, Time, Timestamp, Value as Bound};

/// A type that a column can hold.
///
/// Implemented for `bool`, `i16`, `i32`, `i64`, `u32`, `f32`, `f64`, `String`, `Vec<u8>`, [`Timestamp`], [`Date`], [`Time`], `Option`
/// of each, and behind features for `chrono`'s dates and instants (`chrono`), `rust_decimal::Decimal` (`decimal`),
/// `serde_json::Value` (`json`), `uuid::Uuid` (`uuid`). `#[derive(Value)]` makes it of a newtype over one of these,
/// and of an enum without data, which is stored by the names of its variants:
///
/// ```
/// use reprieve::Value;
///
/// #[derive(Debug, Clone, PartialEq, Value)]
/// struct Email(String);
///
/// #[derive(Debug, Clone, Copy, PartialEq, Value)]
/// enum Role {
///     Reader,
///     Writer,
/// }
/// assert_eq!(Role::Writer.to_value(), reprieve::value::Bound::Text("Writer".into()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a column",
    label = "no column holds this",
    note = "columns hold numbers, text, bytes, dates, `Option` of these and more: see `reprieve::Value`",
    note = "for a newtype or an enum of your own, add `#[derive(reprieve::Value)]` to it"
)]
pub trait Value: Sized + Send + 'static {
    /// Whether NULL is a value of the type.
    const NULLABLE: bool = false;

    /// What a column of the type is declared as.
    fn column() -> ColumnType;

    /// The value as it is bound.
    fn to_value(&self) -> Bound;

    /// Reads a driver's cell; `None` when it holds something else.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

impl<T: Value> Value for Option<T> {
    const NULLABLE: bool = true;

    fn column() -> ColumnType {
        T::column()
    }

    fn to_value(&self) -> Bound {
        self.as_ref().map_or(Bound::Null, T::to_value)
    }

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// A value that was bound, as a cell to read it from.
pub(crate) fn cell(value: &Bound) -> Cell<'_> {
    match value {
        Bound::Bool(v) => Cell::Bool(*v),
        Bound::Int(v) => Cell::Int(*v),
        Bound::Float(v) => Cell::Float(*v),
        Bound::Text(v) | Bound::Decimal(v) | Bound::Json(v) => Cell::Text(v),
        Bound::Bytes(v) => Cell::Bytes(v),
        Bound::Timestamp(v) => Cell::Timestamp(*v),
        Bound::Date(v) => Cell::Date(*v),
        Bound::Time(v) => Cell::Time(*v),
        Bound::Uuid(v) => Cell::Uuid(*v),
        _ => Cell::Null,
    }
}

/// A key or value for a message.
pub(crate) fn shown(value: &Bound) -> String {
    match value {
        Bound::Text(v) | Bound::Decimal(v) | Bound::Json(v) => v.clone(),
        Bound::Int(v) => v.to_string(),
        Bound::Uuid(v) => ::uuid::Uuid::from_bytes(*v).to_string(),
        Bound::Timestamp(v) => v.to_string(),
        other => format!("{other:?}"),
    }
}
