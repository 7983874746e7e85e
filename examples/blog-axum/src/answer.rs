//! What the blog answers when it cannot do what was asked: JSON with a `detail`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

pub(crate) type Result<T> = std::result::Result<T, Answer>;

pub(crate) enum Answer {
    /// The blog's own words.
    Own(StatusCode, String),
    /// Reprieve's: `problem+json`, which has a `detail` too.
    Failed(reprieve_axum::Error),
}

impl Answer {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Own(status, detail.into())
    }
}

impl<E: Into<reprieve_axum::Error>> From<E> for Answer {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Own(status, detail) => (status, Json(Detail { detail })).into_response(),
            Self::Failed(error) => error.into_response(),
        }
    }
}

#[derive(Serialize)]
struct Detail {
    detail: String,
}
