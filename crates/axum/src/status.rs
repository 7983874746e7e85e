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
        // Without a field it is a statement of the program's own that was given a value it cannot take.
        Kind::InvalidValue if error.place().field.is_some() => {
            (StatusCode::UNPROCESSABLE_ENTITY, "Invalid value")
        }
        // Another try may succeed.
        Kind::Timeout | Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
    }
}
