//! Where a handler gets its session from, and who else may have it.

use crate::client::call;
use crate::support::{Shelf, World, serve};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use reprieve::{Database, Model};
use reprieve_axum::{Error as Fault, Result, Session, SessionLayer};

#[tokio::test]
async fn without_the_layer_the_answer_names_it() {
    let server = serve(Router::new().route("/", get(async |_: Session| "found one"))).await;
    let answer = call(server, "GET /").await;
    assert_eq!(answer.status, 500);
    assert!(
        answer.json()["detail"].as_str().unwrap().contains("reprieve_axum::SessionLayer::new"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn two_sessions_in_one_handler_are_refused() {
    let world = World::new().await;
    let server = world.serve(Router::new().route("/", get(async |_: Session, _: Session| "two"))).await;
    assert_eq!(call(server, "GET /").await.status, 500);
}

#[tokio::test]
async fn what_a_middleware_writes_is_of_the_handlers_transaction() {
    async fn first(mut session: Session, request: Request, next: Next) -> Result<Response> {
        Shelf::create().label("first").insert(&mut session).await?;
        drop(session);
        Ok(next.run(request).await)
    }
    let world = World::new().await;
    let count = async |mut session: Session| {
        assert!(session.in_transaction());
        Ok::<_, Fault>(Shelf::all().count(&mut session).await?.to_string())
    };
    let refuse = async || StatusCode::FORBIDDEN;
    let routes = Router::new().route("/", get(count)).route("/refuse", get(refuse)).layer(from_fn(first));
    let server = world.serve(routes).await;

    assert_eq!(call(server, "GET /refuse").await.status, 403);
    assert_eq!(world.shelves().await, 0);
    assert_eq!(call(server, "GET /").await.body, "1");
    assert_eq!(world.shelves().await, 1);
}

#[tokio::test]
async fn a_session_kept_beyond_the_response_is_a_fault_and_rolls_back() {
    let world = World::new().await;
    let (keep, mut kept) = tokio::sync::mpsc::unbounded_channel();
    let handler = async move |mut session: Session| {
        Shelf::create().label("lost").insert(&mut session).await?;
        keep.send(session).expect("the test waits for it");
        Ok::<_, Fault>(StatusCode::CREATED)
    };
    let server = world.serve(Router::new().route("/", post(handler))).await;
    let answer = call(server, "POST /").await;
    assert_eq!(answer.status, 500);
    assert!(answer.json()["detail"].as_str().unwrap().contains("into_inner"), "{answer:?}");
    drop(kept.recv().await.unwrap());
    assert_eq!(world.shelves().await, 0);
    world.shelf("next").await;
}

#[tokio::test]
async fn a_session_taken_out_of_the_request_is_the_handlers() {
    let world = World::new().await;
    let handler = async |session: Session| {
        let mut session = session.into_inner();
        Shelf::create().label("own").insert(&mut session).await?;
        session.commit().await?;
        Shelf::create().label("lost").insert(&mut session).await?;
        // The body, made after the response, reads with it.
        let text = async move {
            let count = Shelf::all().count(&mut session).await.unwrap();
            std::io::Result::Ok(count.to_string())
        };
        let body = Body::from_stream(futures_util::stream::once(text));
        Ok::<_, Fault>((StatusCode::CREATED, body))
    };
    let server = world.serve(Router::new().route("/", post(handler))).await;
    let answer = call(server, "POST /").await;
    assert_eq!(answer.status, 201);
    assert!(answer.body.contains('2'), "{answer:?}");
    assert_eq!(world.shelves().await, 1);
}

#[tokio::test]
async fn a_closed_database_is_a_fault_that_says_nothing_of_it() {
    let database = Database::builder("sqlite::memory:").model::<Shelf>().connect().unwrap();
    let routes =
        Router::new().route("/", get(async |_: Session| ())).layer(SessionLayer::new(database.clone()));
    let server = serve(routes).await;
    database.close().await.unwrap();
    let answer = call(server, "GET /").await;
    assert!(answer.status >= 500, "{answer:?}");
    assert!(!answer.body.contains("closed"), "{answer:?}");
}
