//! Errors as responses.

use crate::client::call;
use crate::support::{Shelf, World};
use axum::Router;
use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::put;
use reprieve::{Error, Kind, Model};
use reprieve_axum::Session;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};

async fn answered(error: Error) -> (u16, String, Value) {
    let response = reprieve_axum::Error::from(error).into_response();
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    (status, kind, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_clients_mistake_is_answered_with_what_is_known_of_it() {
    let error =
        Error::new(Kind::InvalidValue, "Length must be <= 200").model("Post").field("title").value("secret");
    let (status, kind, body) = answered(error).await;
    assert_eq!((status, kind.as_str()), (422, "application/problem+json"));
    let expected = json!({
        "title": "Invalid value", "status": 422, "detail": "Length must be <= 200", "model": "Post", "field": "title",
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn each_kind_has_its_status() {
    let statuses = [
        (Kind::NotFound, 404),
        (Kind::UniqueViolation, 409),
        (Kind::ConstraintViolation, 409),
        (Kind::Restricted, 409),
        (Kind::RestoreConflict, 409),
        (Kind::Deleted, 409),
        (Kind::Timeout, 503),
        (Kind::Unavailable, 503),
        (Kind::Disconnected, 503),
        (Kind::Serialization, 503),
        (Kind::Schema, 500),
        (Kind::UnknownName, 500),
        // Of a statement, not of a field.
        (Kind::InvalidValue, 500),
        (Kind::MissingTable, 500),
        (Kind::Session, 500),
        (Kind::Database, 500),
        (Kind::Internal, 500),
    ];
    for (kind, status) in statuses {
        assert_eq!(answered(Error::new(kind, "…")).await.0, status, "{kind:?}");
    }
}

#[tokio::test]
async fn a_change_of_a_row_that_was_deleted_meanwhile_is_a_409() {
    let world = World::new().await;
    let shelf = world.shelf("read").await;
    let database = world.database.clone();
    let handler = async move |mut session: Session| {
        let mut shelf = Shelf::get_or_404(&mut session, shelf.id).await?;
        let mut other = database.session()?;
        shelf.clone().soft_delete(&mut other).await?;
        other.commit().await?;
        shelf.update().label("written").save(&mut session).await?;
        Ok::<_, reprieve_axum::Error>(StatusCode::OK)
    };
    let server = world.serve(Router::new().route("/", put(handler))).await;
    let answer = call(server, "PUT /").await;
    assert_eq!(answer.status, 409);
    let mut session = world.database.session().unwrap();
    let deleted = Shelf::only_deleted().first(&mut session).await.unwrap().unwrap();
    assert_eq!(deleted.row().label, "read");
}

#[tokio::test]
async fn a_503_says_when_to_try_again_unless_it_may_have_been_done() {
    let response = |error: Error| reprieve_axum::Error::from(error).into_response();
    for kind in [Kind::Timeout, Kind::Unavailable, Kind::Disconnected, Kind::Serialization] {
        assert_eq!(response(Error::new(kind, "…")).headers()["retry-after"], "1", "{kind:?}");
        let (_, _, body) = answered(Error::new(kind, "…")).await;
        assert!(body["detail"].as_str().unwrap().contains("try again"), "{body}");
    }
    let lost = || Error::new(Kind::Disconnected, "…").in_doubt();
    assert!(response(lost()).headers().get("retry-after").is_none());
    let (_, _, body) = answered(lost()).await;
    assert!(body["detail"].as_str().unwrap().contains("may have been done"), "{body}");
    assert!(response(Error::new(Kind::Database, "…")).headers().get("retry-after").is_none());
}

/// What rows hold, and the words of the database, in each place that an error has for them.
#[tokio::test]
async fn a_clients_mistake_is_answered_without_values_and_without_the_databases_words() {
    let canary = "canary7c1e";
    for kind in [Kind::UniqueViolation, Kind::ConstraintViolation] {
        let message = format!("CHECK constraint failed: {canary}");
        let error = Error::new(kind, message).model("User").field("email").value(canary).because(canary);
        let (status, _, body) = answered(error).await;
        assert_eq!((status, body.to_string().contains(canary)), (409, false), "{body}");
    }
    for kind in [Kind::Restricted, Kind::RestoreConflict, Kind::Deleted] {
        let error = Error::new(kind, format!("email={canary}"))
            .detail("User with this email is deleted")
            .value(canary);
        let (_, _, body) = answered(error).await;
        assert_eq!(body["detail"], "User with this email is deleted");
        assert!(!body.to_string().contains(canary), "{body}");
    }
}

#[tokio::test]
async fn a_fault_of_the_server_says_nothing_of_itself() {
    for kind in [Kind::Database, Kind::Unavailable, Kind::MissingTable] {
        let error =
            Error::new(kind, "no such table: users").model("User").field("password").because("/var/db/x");
        let (_, _, body) = answered(error).await;
        let text = body.to_string();
        assert!(!["users", "User", "password", "/var"].iter().any(|secret| text.contains(secret)), "{text}");
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(error: Error) -> String {
    let log = Log::default();
    let made = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || made.clone()).finish();
    tracing::subscriber::with_default(subscriber, || reprieve_axum::Error::from(error).into_response());
    let text = log.0.lock().unwrap().clone();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_fault_of_the_server_is_logged_with_its_cause_and_a_clients_mistake_is_not() {
    let fault = Error::new(Kind::Unavailable, "The database cannot be opened")
        .model("Post")
        .because("disk I/O error");
    let line = logged(fault);
    let parts = ["ERROR", "The database cannot be opened", "disk I/O error", "Unavailable", "Post"];
    assert!(parts.iter().all(|part| line.contains(part)), "{line}");
    assert_eq!(logged(Error::new(Kind::NotFound, "Post not found with id=7")), "");
}
