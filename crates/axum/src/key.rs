//! Keys in paths.

use crate::{Error, Result};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use reprieve::Model;
use reprieve::value::{Cell, ColumnType, Value};

/// The key of a row of `M`, from the one parameter of the path.
///
/// ```
/// use axum::{Router, routing::get};
/// # use reprieve::Model;
/// use reprieve_axum::{Key, Result, Session};
/// # #[derive(Debug, Model)]
/// # #[model(table = "notes")]
/// # struct Note { #[model(primary_key)] id: i64, text: String }
///
/// async fn read(Key(id): Key<Note>, mut session: Session) -> Result<String> {
///     Ok(Note::get_or_404(&mut session, id).await?.text)
/// }
/// let app: Router = Router::new().route("/notes/{id}", get(read));
/// ```
///
/// # Errors
/// 422, when it is no key (`/notes/first`); 404, when it is a number that no row can have, because it is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<M: Model>(
    /// The key.
    pub M::Key,
);

impl<M: Model, S: Send + Sync> FromRequestParts<S> for Key<M> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let parameters = parameters(parts, state).await?;
        let mut all = parameters.iter();
        match (all.next(), all.next()) {
            (Some((_, text)), None) => parse::<M>(text).map(Self),
            _ => {
                Err(Error::program("`Key` is for paths with one parameter: take several with axum's `Path`"))
            }
        }
    }
}

/// The key in the parameter of this name, whatever others the path has.
pub(crate) async fn named<M: Model>(parts: &mut Parts, name: &str) -> Result<M::Key> {
    let parameters = parameters(parts, &()).await?;
    match parameters.iter().find(|(found, _)| *found == name) {
        Some((_, text)) => parse::<M>(text),
        None => Err(Error::program("The path of a route for deleted rows has lost its key")),
    }
}

async fn parameters<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<RawPathParams> {
    let found = RawPathParams::from_request_parts(parts, state).await;
    found.map_err(|rejection| match rejection {
        RawPathParamsRejection::InvalidUtf8InPathParam(not_text) => malformed(not_text.body_text()),
        _ => Error::program("A key was asked of a path that has no parameter"),
    })
}

fn malformed(detail: String) -> Error {
    Error::request(StatusCode::UNPROCESSABLE_ENTITY, "Invalid key", detail)
}

fn parse<M: Model>(text: &str) -> Result<M::Key> {
    let malformed = || malformed(format!("{text:?} is no key of a {}", M::NAME));
    let absent = || Error::from(reprieve::not_found::<M>(text));
    match M::Key::column() {
        ColumnType::Integer => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
                return Err(malformed());
            }
            let number: Option<i64> = text.parse().ok();
            number.and_then(|number| M::Key::from_cell(Cell::Int(number))).ok_or_else(absent)
        }
        // Any text could be one; of an enum only the names of its variants are.
        ColumnType::Text | ColumnType::Enum(_) => M::Key::from_cell(Cell::Text(text)).ok_or_else(absent),
        _ => M::Key::from_cell(Cell::Text(text)).ok_or_else(malformed),
    }
}
