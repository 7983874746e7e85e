//! The application: the API on a database, its description, and a page to look at.

use crate::answer::Answer;
use crate::routes::{self, Api};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use reprieve::Database;
use reprieve_axum::SessionLayer;
use utoipa::OpenApi;

/// The page that the FastAPI blog serves: it is a client of the API, whichever program answers.
const PAGE: &str = include_str!("../../blog-fastapi/blog/page.html");
const DOCS: &str = include_str!("docs.html");

pub(crate) fn app(database: Database) -> Router {
    Router::new()
        .merge(routes::posts())
        .layer(SessionLayer::new(database))
        .route("/", get(Html(PAGE)))
        .route("/docs", get(Html(DOCS)))
        .route("/openapi.json", get(Json(Api::openapi())))
        .fallback(async || Answer::new(StatusCode::NOT_FOUND, "Not Found"))
        .method_not_allowed_fallback(async || {
            Answer::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
}
