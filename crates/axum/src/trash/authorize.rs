//! Who may. There is no default: routes that delete and destroy are open to whom the program says.

use super::{Action, Refusal};
use axum::http::request::Parts;
use reprieve::Model;
use reprieve::actor::Actor;
use std::future::Future;

/// Decides on a request to the [trash routes](crate::trash_routes) of `M`, before anything is read for it. Gives who acts, for
/// the journal of deletions and the audit log, or refuses.
///
/// An async function of the action and the request is one:
///
/// ```
/// use axum::http::request::Parts;
/// use reprieve::actor::Actor;
/// use reprieve_axum::trash::{Action, Refusal};
///
/// async fn editors(action: Action<i64>, request: Parts) -> Result<Actor, Refusal> {
///     let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
///     match (user, action) {
///         (None, _) => Err(Refusal::unauthorized("Bearer")),
///         (Some("root"), _) => Ok(Actor::user("root")),
///         (Some(_), Action::Purge(_)) => Err(Refusal::forbidden()),
///         (Some(user), _) => Ok(Actor::user(user)),
///     }
/// }
/// ```
///
/// The request's session can be asked, too: [`Session`](crate::Session) is extracted from the parts, and what it sees and
/// writes is of the same transaction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who may use the trash routes of `{M}`",
    label = "not an `async fn(Action<K>, Parts) -> Result<Actor, Refusal>`",
    note = "`K` is the type of the model's primary key; see `reprieve_axum::trash::Authorize`"
)]
pub trait Authorize<M: Model>: Clone + Send + Sync + 'static {
    /// Who acts, or why not.
    ///
    /// # Errors
    /// The refusal, which is the response then.
    fn authorize(
        &self,
        action: Action<M::Key>,
        request: Parts,
    ) -> impl Future<Output = Result<Actor, Refusal>> + Send;
}

impl<M, F, R> Authorize<M> for F
where
    M: Model,
    F: Fn(Action<M::Key>, Parts) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Result<Actor, Refusal>> + Send,
{
    fn authorize(
        &self,
        action: Action<M::Key>,
        request: Parts,
    ) -> impl Future<Output = Result<Actor, Refusal>> + Send {
        self(action, request)
    }
}
