//! What somebody is told who may not.

use crate::Error;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Why [`Authorize`](super::Authorize) lets nobody through. An error of Reprieve becomes one by `?`.
#[derive(Debug)]
pub struct Refusal(Reason);

#[derive(Debug)]
enum Reason {
    Unauthorized(HeaderValue),
    Forbidden,
    NotFound,
    Failed(Error),
}

impl Refusal {
    /// 401: it is not known who asks. The challenge, such as `Bearer`, says how to tell (RFC 9110 wants one).
    ///
    /// # Panics
    /// When the challenge is no value of a header: it holds a line break, or letters beyond ASCII.
    pub fn unauthorized(challenge: &'static str) -> Self {
        Self(Reason::Unauthorized(HeaderValue::from_static(challenge)))
    }

    /// 403: who asks may not.
    pub fn forbidden() -> Self {
        Self(Reason::Forbidden)
    }

    /// 404: who asks may not even know that there is such a row.
    pub fn not_found() -> Self {
        Self(Reason::NotFound)
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(Reason::Failed(error.into()))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let answer = |status, title, detail| Error::request(status, title, detail).into_response();
        match self.0 {
            Reason::Unauthorized(challenge) => {
                let detail = "Say who you are first";
                let response = answer(StatusCode::UNAUTHORIZED, "Unauthorized", detail);
                ([(header::WWW_AUTHENTICATE, challenge)], response).into_response()
            }
            Reason::Forbidden => answer(StatusCode::FORBIDDEN, "Forbidden", "You may not do this"),
            Reason::NotFound => answer(StatusCode::NOT_FOUND, "Not found", "Nothing is here"),
            Reason::Failed(error) => error.into_response(),
        }
    }
}
