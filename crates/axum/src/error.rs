//! Errors as responses.

use crate::problem::Problem;
use crate::status;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt;

/// The result of a handler.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of Reprieve on its way to being a response: a handler that returns it uses `?` on every call.
///
/// | what happened | status |
/// |---|---|
/// | no live row has the key | 404 |
/// | a unique key is taken, a constraint or a live child forbids it, a restore conflicts, an upsert is refused | 409 |
/// | a value does not fit its field | 422 |
/// | the database is locked for too long, cannot be reached or written, or others were in the way | 503 |
/// | anything else | 500 |
///
/// The body is `application/problem+json` (RFC 9457): `title`, `status`, `detail`, and `model` and `field` where they are
/// known. It never repeats what rows hold, a value that was refused, or what the database says. A fault of the server, 500 and more, is logged by `tracing` as an error, and its body says nothing of it. A 503
/// has `Retry-After`, but not when what was asked may have been done all the same
/// ([`is_in_doubt`](reprieve::Error::is_in_doubt)).
///
/// ```
/// use axum::response::IntoResponse;
/// use reprieve::{Error, Kind};
///
/// let error = Error::new(Kind::NotFound, "Post not found with id=7").model("Post").field("id");
/// let response = reprieve_axum::Error::from(error).into_response();
/// assert_eq!(response.status(), 404);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
pub struct Error(Box<Inner>);

enum Inner {
    Engine(reprieve::Error),
    /// Of the request, before anything was asked of the database.
    Request {
        status: StatusCode,
        title: &'static str,
        detail: String,
    },
    /// A mistake in the program, which its author has to see at once.
    Program(&'static str),
}

impl Error {
    /// A request that is answered so.
    pub(crate) fn request(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner::Request { status, title, detail: detail.into() }))
    }

    pub(crate) fn program(mistake: &'static str) -> Self {
        Self(Box::new(Inner::Program(mistake)))
    }

    pub(crate) fn without_layer() -> Self {
        Self::program(
            "The `Session` extractor found no session: add `.layer(reprieve_axum::SessionLayer::new(database))` to the \
             router, after its routes",
        )
    }

    pub(crate) fn kept() -> Self {
        Self::program(
            "The handler returned, and something still holds the request's session: nothing was committed. A streamed body \
             or a task takes a session of its own, from `Database::session` or `Session::into_inner`",
        )
    }

    /// The status of its response.
    pub fn status(&self) -> StatusCode {
        match &*self.0 {
            Inner::Engine(error) => status::answer(error).0,
            Inner::Request { status, .. } => *status,
            Inner::Program(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The error of Reprieve, when it is one.
    pub fn as_engine(&self) -> Option<&reprieve::Error> {
        match &*self.0 {
            Inner::Engine(error) => Some(error),
            _ => None,
        }
    }
}

impl From<reprieve::Error> for Error {
    fn from(error: reprieve::Error) -> Self {
        Self(Box::new(Inner::Engine(error)))
    }
}

/// A handler's work can be run again: see [`Atomic`](reprieve::Atomic).
impl reprieve::Retryable for Error {
    fn is_retryable(&self) -> bool {
        self.as_engine().is_some_and(reprieve::Error::is_retryable)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match *self.0 {
            Inner::Engine(error) => engine(&error),
            Inner::Request { status, title, detail } => Problem::new(status, title, &detail).into_response(),
            Inner::Program(detail) => {
                tracing::error!(detail, "a request failed");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Problem::new(status, "Internal server error", detail).into_response()
            }
        }
    }
}

fn engine(error: &reprieve::Error) -> Response {
    let (status, title) = status::answer(error);
    let context = error.context();
    if status.is_server_error() {
        // What may repeat what rows hold is for the developer, and not for the log.
        let cause = error.database_message().filter(|_| !error.hides_words());
        let (model, field) = (context.model.as_deref(), context.field());
        let field = field.as_deref();
        tracing::error!(%error, cause, kind = ?error.kind(), model, field, "a request failed");
        let mut response = Problem::new(status, title, status::detail(error)).into_response();
        if let Some(seconds) = status::retry_after(error) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        return response;
    }
    let detail = error.for_client();
    let mut problem = Problem::new(status, title, &detail);
    let field = context.field();
    (problem.model, problem.field) = (context.model.as_deref(), field.as_deref());
    problem.into_response()
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Engine(error) => error.fmt(f),
            Inner::Request { status, detail, .. } => {
                f.debug_tuple("Error").field(status).field(detail).finish()
            }
            Inner::Program(detail) => f.debug_tuple("Error").field(detail).finish(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Inner::Engine(error) => error.fmt(f),
            Inner::Request { detail, .. } => f.write_str(detail),
            Inner::Program(detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.as_engine().and_then(std::error::Error::source)
    }
}
