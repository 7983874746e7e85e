//! What may stand beside a column: in a comparison, and as the value it takes. Both say what is wrong in words that a
//! newcomer understands.

use super::{Bound, Value};

/// A value that a column of type `T` can be compared with.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be compared with `{Self}`",
    label = "this is `{Self}`, and the column holds `{T}`",
    note = "pass a value of type `{T}`"
)]
pub trait ComparesTo<T> {
    /// The value as it is bound.
    fn operand(self) -> Bound;
}

/// A value that a field of type `T` can be set to.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot be set to `{Self}`",
    label = "this is `{Self}`, and the field holds `{T}`",
    note = "pass a value of type `{T}`"
)]
pub trait Sets<T> {
    /// The value as it is bound.
    fn operand(self) -> Bound;
}

macro_rules! operands {
    ($($trait:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Value> $trait<T> for T {
            fn operand(self) -> Bound {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value> $trait<T> for &T {
            fn operand(self) -> Bound {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Value> $trait<Option<T>> for T {
            fn operand(self) -> Bound {
                self.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl $trait<String> for &str {
            fn operand(self) -> Bound {
                Bound::Text(self.to_owned())
            }
        }

        #[diagnostic::do_not_recommend]
        impl $trait<Option<String>> for &str {
            fn operand(self) -> Bound {
                Bound::Text(self.to_owned())
            }
        }
    )*};
}

operands! { ComparesTo Sets }
