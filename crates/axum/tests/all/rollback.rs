//! Whatever is no success leaves nothing behind.

use crate::client::{call, send, try_call};
use crate::support::{Shelf, World};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, post};
use reprieve::{Error, Kind};
use reprieve_axum::{Error as Fault, Result, Session};
use std::sync::Arc;
use tokio::sync::{Notify, mpsc};

async fn write(session: &mut Session) -> Result<()> {
    Shelf::create().label("lost").insert(session).await?;
    Ok(())
}

async fn answers(handler: MethodRouter, status: u16) {
    let world = World::new().await;
    let server = world.serve(Router::new().route("/", handler)).await;
    assert_eq!(call(server, "POST /").await.status, status);
    assert_eq!(world.shelves().await, 0);
    // The writer's turn was given back.
    world.shelf("next").await;
}

#[tokio::test]
async fn a_client_error_rolls_back() {
    let handler = async |mut session: Session| {
        write(&mut session).await?;
        Ok::<_, Fault>(StatusCode::BAD_REQUEST)
    };
    answers(post(handler), 400).await;
}

#[tokio::test]
async fn a_server_error_rolls_back() {
    let handler = async |mut session: Session| {
        write(&mut session).await?;
        Ok::<_, Fault>(StatusCode::BAD_GATEWAY)
    };
    answers(post(handler), 502).await;
}

#[tokio::test]
async fn an_error_rolls_back() {
    let handler = async |mut session: Session| {
        write(&mut session).await?;
        Err::<(), Fault>(Error::new(Kind::NotFound, "No such author").into())
    };
    answers(post(handler), 404).await;
}

#[tokio::test]
async fn a_panic_rolls_back() {
    let world = World::new().await;
    let handler = async |mut session: Session| {
        write(&mut session).await.unwrap();
        if session.in_transaction() {
            panic!("on purpose");
        }
    };
    let server = world.serve(Router::new().route("/", post(handler))).await;
    try_call(server, "POST /", &[], "").await.expect_err("the connection ends");
    assert_eq!(world.shelves().await, 0);
    world.shelf("next").await;
}

/// Says when it is dropped.
struct Dropped(mpsc::UnboundedSender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn a_client_that_goes_away_rolls_back() {
    let world = World::new().await;
    let written = Arc::new(Notify::new());
    let (dropped, mut is_dropped) = mpsc::unbounded_channel();
    let handler = {
        let written = written.clone();
        async move |mut session: Session| {
            let _dropped = Dropped(dropped);
            write(&mut session).await.unwrap();
            written.notify_one();
            std::future::pending::<()>().await;
        }
    };
    let server = world.serve(Router::new().route("/", post(handler))).await;
    let connection = send(server, "POST /", &[], "").await.unwrap();
    written.notified().await;
    drop(connection);
    is_dropped.recv().await.unwrap();
    assert_eq!(world.shelves().await, 0);
    world.shelf("next").await;
}

#[tokio::test]
async fn a_handler_that_commits_keeps_what_it_committed() {
    let world = World::new().await;
    let handler = async |mut session: Session| {
        Shelf::create().label("kept").insert(&mut session).await?;
        session.commit().await?;
        write(&mut session).await?;
        Ok::<_, Fault>(StatusCode::CONFLICT)
    };
    let server = world.serve(Router::new().route("/", post(handler))).await;
    assert_eq!(call(server, "POST /").await.status, 409);
    assert_eq!(world.shelves().await, 1);
}

#[tokio::test]
async fn a_refusal_that_is_to_be_remembered_is_committed() {
    let world = World::new().await;
    let returned = async |mut session: Session| {
        session.commit_anyway();
        Shelf::create().label("returned").insert(&mut session).await?;
        Ok::<_, Fault>(StatusCode::BAD_REQUEST)
    };
    let failed = async |mut session: Session| {
        Shelf::create().label("failed").insert(&mut session).await?;
        session.commit_anyway();
        Err::<(), Fault>(Error::new(Kind::NotFound, "No such author").into())
    };
    let routes = Router::new().route("/returned", post(returned)).route("/failed", post(failed));
    let server = world
        .serve(routes.route(
            "/next",
            post(async |mut session: Session| {
                write(&mut session).await?;
                Ok::<_, Fault>(StatusCode::BAD_REQUEST)
            }),
        ))
        .await;
    assert_eq!(call(server, "POST /returned").await.status, 400);
    assert_eq!(call(server, "POST /failed").await.status, 404);
    // It is said for one request.
    assert_eq!(call(server, "POST /next").await.status, 400);
    assert_eq!(world.shelves().await, 2);
}

#[tokio::test]
async fn a_panic_rolls_back_what_was_to_be_committed_anyway() {
    let world = World::new().await;
    let handler = async |mut session: Session| {
        session.commit_anyway();
        write(&mut session).await.unwrap();
        if session.in_transaction() {
            panic!("on purpose");
        }
    };
    let server = world.serve(Router::new().route("/", post(handler))).await;
    try_call(server, "POST /", &[], "").await.expect_err("the connection ends");
    assert_eq!(world.shelves().await, 0);
}
