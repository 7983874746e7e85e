//! Links between rows of two models, or of one: many belong to many.

use super::{Linked, ManyToMany};
use crate::query::View;
use crate::session::Session;
use crate::value::Value;
use crate::{Model, Result};
use reprieve_core::driver::BoxFuture;
use reprieve_core::schema::Table;
use reprieve_engine::Link;
use std::sync::Arc;

/// A table of links: each of its rows is a pair of references, and the pair is its key. `#[derive(Links)]` declares it
/// on a struct without fields, by the two columns and the models they refer to:
///
/// ```
/// use reprieve::{Links, Model};
///
/// #[derive(Debug, Clone, Model)]
/// #[model(
///     many_to_many(followers: User, through = Follow, near = followed_id, far = follower_id),
///     many_to_many(follows: User, through = Follow, near = follower_id, far = followed_id)
/// )]
/// struct User {
///     #[model(primary_key)]
///     id: i64,
/// }
///
/// /// Who follows whom.
/// #[derive(Debug, Links)]
/// #[links(table = "follows", follower_id = User, followed_id = User)]
/// struct Follow;
/// ```
///
/// The links go with either end when that is removed for good; a soft delete leaves them, so that they are there again
/// when the end is restored. A link is seen when both its ends are. Links with fields of their own are a model with two
/// references, which `through` takes as well; its rows are created and deleted as those of any model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no table of links",
    label = "no table of links",
    note = "rows of a model with a life of their own are created and deleted, not linked and unlinked",
    note = "links that are nothing but links are `#[derive(Links)] #[links(a_id = A, b_id = B)] struct {Self};`"
)]
pub trait Links: Through {
    /// The table's name.
    const TABLE: &'static str;
}

/// What can stand between two models: a table of [`Links`], or a model that refers to both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not link models",
    label = "neither a table of links nor a model",
    note = "declare it: `#[derive(Links)] #[links(a_id = A, b_id = B)] struct {Self};`"
)]
pub trait Through: Send + Sync + 'static {
    /// The table as it is declared to the engine; made once.
    ///
    /// # Errors
    /// When the declaration contradicts itself.
    fn links() -> Result<&'static Arc<Table>>;
}

impl<M: Model> Through for M {
    fn links() -> Result<&'static Arc<Table>> {
        M::table()
    }
}

impl<M: Model, T: Model, L: Through, V: View<T>, I> ManyToMany<M, T, L, V, I> {
    /// Links two live rows. Rows that are linked already stay so: nothing is written.
    ///
    /// # Errors
    /// When one of the rows is gone meanwhile, or was deleted by a cascade.
    pub fn link<'s>(&self, row: &M, other: &T, session: &'s mut Session) -> BoxFuture<'s, Result<()>>
    where
        L: Links,
    {
        let link = pair(self.kind, row, other);
        Box::pin(async move { session.engine().await?.link(&link?).await })
    }

    /// Takes the link of two live rows away, if there is one.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unlink<'s>(&self, row: &M, other: &T, session: &'s mut Session) -> BoxFuture<'s, Result<()>>
    where
        L: Links,
    {
        let link = pair(self.kind, row, other);
        Box::pin(async move { session.engine().await?.unlink(&link?).await })
    }
}

fn pair<M: Model, T: Model, L: Links>(kind: Linked<L>, row: &M, other: &T) -> Result<Link> {
    let (near, far) = ((kind.near, row.key().to_value()), (kind.far, other.key().to_value()));
    Ok(Link { table: L::links()?.clone(), near, far })
}
