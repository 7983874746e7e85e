//! The relations that come with the rows of a query, or of another relation.

use super::Relates;
use crate::query::View;
use crate::session::Session;
use crate::{Model, Result};
use std::future::Future;

/// Relations of `M` that come with each of its rows: none, or a tuple of up to eight.
pub trait Includes<M: Model, V: View<M>>: Clone + Send + Sync + 'static {
    /// A row and what comes with it.
    type Row: Send;

    /// Loads what comes with the rows.
    #[doc(hidden)]
    fn load(
        &self,
        rows: Vec<V::Row>,
        session: &mut Session,
    ) -> impl Future<Output = Result<Vec<Self::Row>>> + Send;
}

/// Relations to which one more can be added.
#[diagnostic::on_unimplemented(
    message = "a query takes at most eight relations",
    label = "one relation too many",
    note = "load it afterwards, with `Relation::load_each`"
)]
pub trait Append<R> {
    /// The relations with one more.
    type Out;

    /// Adds it.
    fn append(self, relation: R) -> Self::Out;
}

impl<M: Model, V: View<M>> Includes<M, V> for () {
    type Row = V::Row;

    async fn load(&self, rows: Vec<V::Row>, _: &mut Session) -> Result<Vec<V::Row>> {
        Ok(rows)
    }
}

impl<R> Append<R> for () {
    type Out = (R,);

    fn append(self, relation: R) -> (R,) {
        (relation,)
    }
}

macro_rules! includes {
    ($(($($of:ident $position:tt),+))+) => {$(
        impl<M: Model, V: View<M>, $($of: Relates<M>),+> Includes<M, V> for ($($of,)+) {
            type Row = (V::Row, $($of::Loaded),+);

            async fn load(&self, rows: Vec<V::Row>, session: &mut Session) -> Result<Vec<Self::Row>> {
                let mut loaded = ($({
                    let keys = rows.iter().map(|row| self.$position.key(V::model(row))).collect();
                    self.$position.load_keys(keys, session).await?.into_iter()
                },)+);
                let each = rows.into_iter().map(|row| {
                    (row, $(loaded.$position.next().expect("a relation is loaded for each of the keys")),+)
                });
                Ok(each.collect())
            }
        }
    )+};
}

macro_rules! append {
    ($(($($of:ident $position:tt),+))+) => {$(
        impl<Next, $($of),+> Append<Next> for ($($of,)+) {
            type Out = ($($of,)+ Next,);

            fn append(self, relation: Next) -> Self::Out {
                ($(self.$position,)+ relation,)
            }
        }
    )+};
}

append! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
}

includes! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
