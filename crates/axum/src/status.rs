//! What an error answers over HTTP: the one table of statuses. It agrees with the Python face's (`statuses.py`); both leave
//! a mistake of the program, such as an unknown name, a fault of the server.

use axum::http::StatusCode;
use reprieve::{Error, Kind};

/// The status of an error, and the title of its answer.
pub(crate) fn answer(error: &Error) -> (StatusCode, &'static str) {
    match error.kind() {
        Kind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Kind::UniqueViolation => (StatusCode::CONFLICT, "Already taken"),
        Kind::ConstraintViolation => (StatusCode::CONFLICT, "Refused by a constraint"),
        Kind::Restricted => (StatusCode::CONFLICT, "Still in use"),
        Kind::RestoreConflict => (StatusCode::CONFLICT, "Cannot be restored"),
        Kind::Deleted => (StatusCode::CONFLICT, "Deleted"),
        // Without a field it is a statement of the program's own that was given a value it cannot take.
        Kind::InvalidValue if !error.context().fields.is_empty() => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Invalid value")
        }
        Kind::Timeout | Kind::Unavailable | Kind::Disconnected | Kind::Serialization => {
            (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable")
        }
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
    }
}

/// What a client is told of a fault of the server.
pub(crate) fn detail(error: &Error) -> &'static str {
    match error.kind() {
        _ if error.is_in_doubt() => {
            "The connection to the database was lost: this may have been done all the same"
        }
        Kind::Serialization => "Others changed the same rows at the same time: try again",
        Kind::Timeout | Kind::Unavailable | Kind::Disconnected => {
            "The database cannot be reached now: try again later"
        }
        _ => "The server could not do this; its log says why",
    }
}

/// After how many seconds a client may try again by itself; never, what may have been done.
pub(crate) fn retry_after(error: &Error) -> Option<u16> {
    (answer(error).0 == StatusCode::SERVICE_UNAVAILABLE && !error.is_in_doubt()).then_some(1)
}
