//! Rust types as the types of columns.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
mod list;
mod operand;
mod plain;
mod role;
#[cfg(feature = "uuid")]
mod uuid;

pub use operand::{ComparesTo, Sets};
pub use reprieve_core::schema::ColumnType;
pub use reprieve_core::value::{Cell, Date, Time, Timestamp, Value as Bound};
pub use role::{GeneratedKey, Text};

/// A type that a column can hold.
///
/// Implemented for:
///
/// - `bool`, `i8` to `i64`, `u8` to `u32`, `f32`, `f64`, `String`, `Vec<u8>`, and `Option` of any;
/// - [`Timestamp`], an instant, [`Date`] and [`Time`]; with the feature `chrono` its `DateTime<Utc>`, `NaiveDate` and `NaiveTime`. A
///   `NaiveDateTime` names no instant: `and_utc()` says which one is meant;
/// - with `decimal`, `uuid` and `json`: `rust_decimal::Decimal`, `uuid::Uuid`, `serde_json::Value`, and lists: `Vec<String>`,
///   `Vec<i64>`, `Vec<i32>`, `Vec<f64>`, `Vec<bool>`.
///
/// `u64`, `u128` and `usize` are not among them: columns hold integers of 64 bits with a sign.
///
/// `#[derive(Value)]` makes it of a newtype over one of these, which does what the type inside does: it is searched as text, and
/// made by the database as a key. And of an enum without data, which is stored as the names of its variants, or as others:
///
/// ```
/// use reprieve::Value;
///
/// #[derive(Debug, Clone, PartialEq, Value)]
/// struct Email(String);
///
/// #[derive(Debug, Clone, Copy, PartialEq, Value)]
/// #[value(rename_all = "snake_case")]
/// enum Role {
///     Reader,
///     ChiefEditor,
///     #[value(rename = "w")]
///     Writer,
/// }
/// assert_eq!(Role::ChiefEditor.to_value(), reprieve::value::Bound::Text("chief_editor".into()));
/// assert_eq!(Role::Writer.to_value(), reprieve::value::Bound::Text("w".into()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a column",
    label = "no column holds this",
    note = "columns hold `bool`, integers up to `i64`, floats, `String`, bytes, dates, `Option` of these and more: see \
            `reprieve::Value`",
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
