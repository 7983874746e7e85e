//! Reprieve under axum: one session for each request, errors as answers, routes for deleted rows.
//!
//! ```no_run
//! use axum::{Json, Router, http::StatusCode, routing::get};
//! use reprieve::{Database, Model};
//! use reprieve_axum::{Key, Result, Session, SessionLayer};
//!
//! #[derive(Debug, Model, serde::Serialize)]
//! #[model(table = "posts", soft_delete)]
//! struct Post {
//!     #[model(primary_key)]
//!     id: i64,
//!     #[model(max_len = 200)]
//!     title: String,
//! }
//!
//! async fn write(mut session: Session, title: String) -> Result<(StatusCode, Json<Post>)> {
//!     let post = Post::create().title(title).insert(&mut session).await?;
//!     Ok((StatusCode::CREATED, Json(post)))
//! }
//!
//! async fn list(mut session: Session) -> Result<Json<Vec<Post>>> {
//!     Ok(Json(Post::all().all(&mut session).await?))
//! }
//!
//! async fn delete(Key(id): Key<Post>, mut session: Session) -> Result<StatusCode> {
//!     Post::get_or_404(&mut session, id).await?.soft_delete(&mut session).await?;
//!     Ok(StatusCode::NO_CONTENT)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let database = Database::builder("sqlite://blog.db").model::<Post>().connect()?;
//!     database.create_tables().await?;
//!     let app = Router::new()
//!         .route("/posts", get(list).post(write))
//!         .route("/posts/{id}", axum::routing::delete(delete))
//!         .layer(SessionLayer::new(database));
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
//!     Ok(axum::serve(listener, app).await?)
//! }
//! ```
//!
//! - [`Session`] is the request's session. What a handler wrote is committed before its response is sent, when that is a
//!   success, and rolled back otherwise: a client that has its answer finds what it wrote, and one that was refused left
//!   nothing behind. [`SessionLayer`] is what begins and ends it.
//! - [`Error`] makes a response of every error, `problem+json` with a status that the kind of the error decides, so that
//!   handlers use `?`.
//! - [`Key`] is a row's key in the path.
//! - [`trash_routes`] are the routes to delete, restore, list and purge, for those whom [`trash::Authorize`] lets through.
#![forbid(unsafe_code)]

mod error;
mod key;
mod problem;
mod session;
mod status;
pub mod trash;

pub use error::{Error, Result};
pub use key::Key;
pub use session::{Session, SessionLayer, SessionService};
pub use trash::{TrashRoutes, trash_routes};

/// The pages of the project that show Rust: the tests compile them, and run what can be run.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;

    #[doc = include_str!("../../../docs/rust.md")]
    struct Rust;
}
