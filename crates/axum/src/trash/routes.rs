//! The routes and their options.

use super::Authorize;
use super::handlers::{self, Trash};
use axum::Router;
use axum::routing::{delete, get, post};
use reprieve::SoftDelete;
use reprieve::value::{ColumnType, Value};
use serde::Serialize;
use std::marker::PhantomData;

/// Routes for what is deleted of `M`, below the path of its rows; `authorize` says who may use them.
///
/// | request | does | answers |
/// |---|---|---|
/// | `DELETE /posts/{id}/soft` | deletes the row, so that it can be restored | 204 |
/// | `POST /posts/{id}/restore` | restores it | 200 and the row |
/// | `DELETE /posts/{id}/permanent` | removes the deleted row for good | 204 |
/// | `GET /posts/deleted?limit=&offset=` | lists the deleted rows, by key | 200 and the rows, with their deletions |
///
/// A row that is not there answers 404, and one that would have to be deleted and is live 400. They are added to a router by
/// `merge`, in any order with its other routes: axum takes a literal segment before a parameter, so `/posts/deleted` and
/// the program's own `/posts/{id}` stand beside each other. For keys that are texts, one of which could be `deleted`,
/// [`TrashRoutes::list_at`] names another place for the list. A route that the program has itself is a panic when the
/// two are merged, as always in axum.
///
/// ```
/// use axum::{Router, http::request::Parts, routing::get};
/// use reprieve::{Database, Model, actor::Actor};
/// use reprieve_axum::{Key, SessionLayer, trash_routes};
/// use reprieve_axum::trash::{Action, Refusal};
///
/// #[derive(Debug, Model, serde::Serialize)]
/// #[model(table = "posts", soft_delete)]
/// struct Post {
///     #[model(primary_key)]
///     id: i64,
///     title: String,
/// }
///
/// async fn signed_in(_: Action<i64>, request: Parts) -> Result<Actor, Refusal> {
///     match request.extensions.get::<Actor>() {
///         Some(actor) => Ok(actor.clone()),
///         None => Err(Refusal::unauthorized("Bearer")),
///     }
/// }
///
/// # async fn read_post() {}
/// fn app(database: Database) -> Router {
///     Router::new()
///         .route("/posts/{id}", get(read_post))
///         .merge(trash_routes::<Post>("/posts", signed_in).cascade().page_size(20))
///         .layer(SessionLayer::new(database))
/// }
/// ```
///
/// It does not compile without `authorize`:
///
/// ```compile_fail,E0061
/// # use reprieve::Model;
/// # #[derive(Debug, Model, serde::Serialize)]
/// # #[model(table = "posts", soft_delete)]
/// # struct Post { #[model(primary_key)] id: i64 }
/// let routes = reprieve_axum::trash_routes::<Post>("/posts");
/// ```
pub fn trash_routes<M>(path: &str, authorize: impl Authorize<M>) -> TrashRoutes<M, impl Authorize<M>>
where
    M: SoftDelete + Serialize,
{
    let path = path.trim_end_matches('/').to_owned();
    TrashRoutes {
        list: None,
        path,
        trash: Trash { authorize, cascade: false, page_size: 50, of: PhantomData },
    }
}

/// [`trash_routes`] on their way into a router.
#[derive(Debug, Clone)]
#[must_use = "routes serve nothing until a router has them: `router.merge(routes)`"]
pub struct TrashRoutes<M, A> {
    path: String,
    list: Option<String>,
    trash: Trash<M, A>,
}

impl<M, A> TrashRoutes<M, A> {
    /// Deletes and restores children along with the row, as each relation's `on_delete` has it.
    pub fn cascade(mut self) -> Self {
        self.trash.cascade = true;
        self
    }

    /// How many rows a list has at most, and without `limit` (default 50).
    pub fn page_size(mut self, rows: u32) -> Self {
        self.trash.page_size = rows;
        self
    }

    /// Where the list is, instead of `deleted` below the path of the rows.
    pub fn list_at(mut self, path: &str) -> Self {
        self.list = Some(path.to_owned());
        self
    }
}

impl<M, A, S> From<TrashRoutes<M, A>> for Router<S>
where
    M: SoftDelete + Serialize,
    A: Authorize<M>,
    S: Clone + Send + Sync + 'static,
{
    /// # Panics
    /// When keys of the model are texts, and the list would stand where the row with the key `deleted` has its place.
    fn from(routes: TrashRoutes<M, A>) -> Self {
        let TrashRoutes { path, list, trash } = routes;
        let list = list.unwrap_or_else(|| {
            let texts = matches!(M::Key::column(), ColumnType::Text);
            assert!(
                !texts,
                "`{path}/deleted` could be the {} with the key `deleted`: choose a place for the list of deleted rows, such \
                 as `trash_routes(…).list_at(\"/deleted{path}\")`",
                M::NAME
            );
            format!("{path}/deleted")
        });
        let row = |verb: &str| format!("{path}/{{{}}}/{verb}", handlers::KEY);
        Router::new()
            .route(&row("soft"), delete(handlers::soft_delete::<M, A>))
            .route(&row("restore"), post(handlers::restore::<M, A>))
            .route(&row("permanent"), delete(handlers::purge::<M, A>))
            .route(&list, get(handlers::list::<M, A>))
            .with_state(trash)
    }
}
