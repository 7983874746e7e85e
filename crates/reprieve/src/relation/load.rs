//! Loading a relation: one statement for any number of rows.

use super::key::Key;
use super::kind::Kind;
use super::rows::Related;
use super::share::share;
use super::{Includes, Relation};
use crate::query::View;
use crate::session::Session;
use crate::value::Bound;
use crate::{Model, Result};
use reprieve_core::driver::BoxFuture;
use reprieve_core::query::Source;
use std::collections::HashMap;

/// A relation of `M` that can be included in a query for rows of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relation of `{M}` that can be included",
    label = "no relation of `{M}`",
    note = "include a constant of `{M}`: a reference `author_id` makes `{M}::AUTHOR`, `has_many(posts: Post, by = …)` makes \
            `{M}::POSTS`",
    note = "the rows of a relation are `Clone`: one row can belong to several"
)]
pub trait Relates<M: Model>: Clone + Send + Sync + 'static {
    /// What comes with each row.
    type Loaded: Send;

    /// The key of a row, by which what belongs to it is found.
    #[doc(hidden)]
    fn key(&self, owner: &M) -> Bound;

    /// What belongs to each of the keys, in their order.
    #[doc(hidden)]
    fn load_keys<'a>(
        &'a self,
        keys: Vec<Bound>,
        session: &'a mut Session,
    ) -> BoxFuture<'a, Result<Vec<Self::Loaded>>>;
}

/// What belongs to each of the keys, in their order.
pub(super) async fn load<K, M, T, V, I>(
    relation: &Relation<K, M, T, V, I>,
    keys: Vec<Bound>,
    session: &mut Session,
) -> Result<Vec<K::Loaded<I::Row>>>
where
    K: Kind<M, T>,
    M: Model,
    T: Model,
    V: View<T>,
    I: Includes<T, V>,
    I::Row: Clone,
{
    let path = relation.kind.path()?;
    let (wanted, numbers, keys) = number(keys);
    let mut select = V::select(Source::new(0, &path.target, V::VISIBILITY)).filter(relation.filter.clone());
    select.order = relation.order.clone();
    let own = K::SHARED.then_some(T::KEY);
    let mut rows = Related::<K::Key, V::Row>::new(V::read, select.columns.len(), numbers, own);
    session.engine().await?.related_among(&path, select, keys, &mut rows).await?;
    let (rows, pairs) = rows.take();
    let rows = relation.includes.load(rows, session).await?;
    Ok(share(&wanted, pairs, rows, |rows| K::gather(rows)))
}

/// For each key the number of its value, unless it is NULL; the values by number.
fn number(keys: Vec<Bound>) -> (Vec<Option<usize>>, HashMap<Key, usize>, Vec<Bound>) {
    let mut numbers = HashMap::with_capacity(keys.len());
    let mut distinct = Vec::with_capacity(keys.len());
    let mut number = |key: Bound| {
        let key = Some(Key(key)).filter(|key| !key.0.is_null())?;
        let value = key.0.clone();
        Some(*numbers.entry(key).or_insert_with(|| {
            distinct.push(value);
            distinct.len() - 1
        }))
    };
    let wanted = keys.into_iter().map(&mut number).collect();
    (wanted, numbers, distinct)
}
