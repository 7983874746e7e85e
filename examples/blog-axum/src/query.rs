//! What stands after the `?` of a path.

use crate::answer::Answer;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use utoipa::IntoParams;

/// What `Query` reads; what it cannot read is answered with 422 and a `detail`.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Answer;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Answer> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(unread) => Err(Answer::new(StatusCode::UNPROCESSABLE_ENTITY, unread.body_text())),
        }
    }
}

/// A post to be written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NewPost {
    pub(crate) title: String,
    pub(crate) content: String,
}

/// Where to look for one post.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WithBin {
    /// Look into the bin as well.
    #[serde(default, deserialize_with = "truth")]
    pub(crate) include_deleted: bool,
}

/// Which posts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Bin {
    /// Look into the bin as well.
    #[serde(default, deserialize_with = "truth")]
    pub(crate) include_deleted: bool,
    /// Look into the bin alone; wins over `include_deleted`.
    #[serde(default, deserialize_with = "truth")]
    pub(crate) only_deleted: bool,
}

/// Yes and no in the words that FastAPI takes too.
fn truth<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let word = String::deserialize(deserializer)?;
    match word.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
        _ => Err(D::Error::custom(format!("{word:?} is neither true nor false"))),
    }
}
