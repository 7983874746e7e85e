//! What only some types of columns can be used for. `#[derive(Value)]` passes it on from the type inside of a newtype.

/// The types whose columns are searched as text.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is not searched as text",
    label = "the column holds `{Self}`",
    note = "`contains`, `starts_with` and the like are for `String`, newtypes over it, and `Option` of them"
)]
pub trait Text {}

impl Text for String {}
impl<T: Text> Text for Option<T> {}

/// The types of primary keys that the database makes when a new row leaves them out: integers.
pub trait GeneratedKey {}

macro_rules! generated {
    ($($of:ty)*) => {$(impl GeneratedKey for $of {})*};
}

generated! { i64 i32 i16 i8 u32 u16 u8 }
