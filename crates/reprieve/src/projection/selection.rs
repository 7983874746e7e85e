//! Columns and tuples of columns as what a query reads.

use crate::value::Value;
use crate::{Column, Model, Result, read};
use reprieve_core::driver::Row;

/// What a query for rows of `M` can read instead of them: a column, or a tuple of up to twelve.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from rows of `{M}`",
    label = "neither a column of `{M}` nor a tuple of its columns",
    note = "select a column, such as `{M}::ID`, or up to twelve of them in a tuple"
)]
pub trait Selection<M: Model>: Clone + Send + Sync + 'static {
    /// What is read of each row.
    type Row: Send;

    /// The positions of the columns, in the order they are read.
    #[doc(hidden)]
    fn columns(&self) -> Vec<usize>;

    /// Reads one row of these columns.
    #[doc(hidden)]
    fn read(&self, row: &dyn Row) -> Result<Self::Row>;
}

impl<M: Model, T: Value> Selection<M> for Column<M, T> {
    type Row = T;

    fn columns(&self) -> Vec<usize> {
        vec![self.position()]
    }

    fn read(&self, row: &dyn Row) -> Result<T> {
        read::column::<M, T>(row, 0, self.position())
    }
}

macro_rules! tuples {
    ($(($($of:ident $at:tt),+))+) => {$(
        impl<M: Model, $($of: Value),+> Selection<M> for ($(Column<M, $of>,)+) {
            type Row = ($($of,)+);

            fn columns(&self) -> Vec<usize> {
                vec![$(self.$at.position()),+]
            }

            fn read(&self, row: &dyn Row) -> Result<Self::Row> {
                Ok(($(read::column::<M, $of>(row, $at, self.$at.position())?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
