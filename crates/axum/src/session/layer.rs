//! The layer that begins and ends a request's session.

use super::Slot;
use super::slot::Found;
use crate::Error;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use reprieve::{Database, Isolation, SessionOptions};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// Gives each request a session on a database, for the [`Session`](crate::Session) extractor to take, and ends it when the
/// response is made: commits, or rolls back.
///
/// Layers around it see the response after the commit; layers inside, and a panic that one of them turned into a response,
/// before.
///
/// ```
/// # use axum::Router;
/// # fn app(database: reprieve::Database) -> Router {
/// use reprieve_axum::SessionLayer;
///
/// Router::new().layer(SessionLayer::new(database))
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SessionLayer {
    database: Database,
    options: SessionOptions,
}

impl SessionLayer {
    /// Sessions on this database.
    pub fn new(database: Database) -> Self {
        Self { database, options: SessionOptions::default() }
    }

    /// What their transactions see of others. A request that could not be put in line with them answers 503 and may be
    /// sent again, see [`Error::is_retryable`](reprieve::Error::is_retryable).
    ///
    /// ```
    /// # use axum::{Router, routing::post};
    /// # fn app(database: reprieve::Database, routes: Router) -> Router {
    /// use reprieve::Isolation;
    /// use reprieve_axum::{Session, SessionLayer};
    ///
    /// async fn transfer(session: Session) {}
    ///
    /// let strict = SessionLayer::new(database.clone()).isolation(Isolation::Serializable);
    /// routes.route("/transfers", post(transfer).layer(strict)).layer(SessionLayer::new(database))
    /// # }
    /// ```
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options = self.options.isolation(isolation);
        self
    }

    /// How long the database may take for one of their commands, see
    /// [`Session::command_timeout`](reprieve::Session::command_timeout); `None`: any time. A request whose command takes
    /// longer answers 503.
    #[must_use]
    pub fn command_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.options = self.options.command_timeout(time);
        self
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService { inner, database: self.database.clone(), options: self.options }
    }
}

/// What [`SessionLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct SessionService<S> {
    inner: S,
    database: Database,
    options: SessionOptions,
}

impl<S, B> Service<Request<B>> for SessionService<S>
where
    S: Service<Request<B>>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let slot = Slot::new(self.database.clone(), self.options);
        request.extensions_mut().insert(slot.clone());
        let ending = Ending(slot);
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?.into_response();
            Ok(ending.end(response).await)
        })
    }
}

/// The end of a request's session. Dropped before [`Ending::end`], because the request was cancelled, panicked or failed, it
/// rolls back, even if something keeps the request's extensions.
struct Ending(Slot);

impl Ending {
    async fn end(&self, response: Response) -> Response {
        let succeeds = response.status().as_u16() < 400 || self.0.commits_anyway();
        match self.0.close() {
            Found::Nothing => response,
            Found::StillLent if succeeds => Error::kept().into_response(),
            Found::StillLent => response,
            Found::Session(mut session) if succeeds => match session.commit().await {
                Ok(()) => response,
                Err(error) => Error::from(error).into_response(),
            },
            Found::Session(mut session) => {
                if let Err(error) = session.rollback().await {
                    // The connection is closed then, which rolls back too.
                    tracing::warn!(%error, "a request's session did not roll back");
                }
                response
            }
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        drop(self.0.close());
    }
}
