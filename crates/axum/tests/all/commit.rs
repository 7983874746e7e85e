//! A response that is a success is sent after the commit.

use crate::client::{call, try_call};
use crate::support::{Shelf, World, serve};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, post};
use reprieve::{Database, Model};
use reprieve_axum::{Error as Fault, Result, Session, SessionLayer};

async fn write(Path(label): Path<String>, mut session: Session) -> Result<(StatusCode, String)> {
    let shelf = Shelf::create().label(label).insert(&mut session).await?;
    Ok((StatusCode::CREATED, shelf.id.to_string()))
}

async fn read(Path(id): Path<i64>, mut session: Session) -> Result<String> {
    let shelf = Shelf::get_or_404(&mut session, id).await?;
    assert!(!session.in_transaction(), "a read opened a transaction");
    Ok(shelf.label)
}

fn routes() -> Router {
    Router::new().route("/shelves/{label}", post(write)).route("/shelf/{id}", get(read))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_its_answer_finds_what_it_wrote() {
    let world = World::new().await;
    let server = world.serve(routes()).await;
    let clients = (0..100).map(|number| {
        tokio::spawn(async move {
            let written = call(server, &format!("POST /shelves/n{number}")).await;
            assert_eq!(written.status, 201, "{written:?}");
            let found = call(server, &format!("GET /shelf/{}", written.body)).await;
            assert_eq!((found.status, found.body), (200, format!("n{number}")));
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    assert_eq!(world.shelves().await, 100);
}

#[tokio::test]
async fn a_request_that_only_reads_waits_for_no_writer() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    let server = world.serve(routes()).await;
    let writer = world.by_hand();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = call(server, &format!("GET /shelf/{}", shelf.id)).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "sea"));
    writer.execute_batch("ROLLBACK").unwrap();
}

#[tokio::test]
async fn redirects_and_other_statuses_below_400_commit() {
    let world = World::new().await;
    let routes = routes().route(
        "/see/{label}",
        post(async |label: Path<String>, session: Session| {
            write(label, session).await?;
            Ok::<_, Fault>(StatusCode::SEE_OTHER)
        }),
    );
    let server = world.serve(routes).await;
    assert_eq!(call(server, "POST /see/other").await.status, 303);
    assert_eq!(world.shelves().await, 1);
}

/// A row of a table that another program made: it has a reference that is checked at the commit.
#[derive(Debug, Clone, Model)]
#[model(table = "leaves")]
struct Leaf {
    #[model(primary_key)]
    id: i64,
    branch_id: i64,
}

#[tokio::test]
async fn a_commit_that_fails_is_the_response() {
    let world = World::new().await;
    let sql = "CREATE TABLE branches (id INTEGER PRIMARY KEY);
               CREATE TABLE leaves (id INTEGER PRIMARY KEY,
                 branch_id INTEGER NOT NULL REFERENCES branches (id) DEFERRABLE INITIALLY DEFERRED);";
    world.by_hand().execute_batch(sql).unwrap();
    let url = format!("sqlite://{}", world.folder.path().join("test.db").display());
    let database = Database::builder(url).model::<Leaf>().connect().unwrap();
    let grow = async |mut session: Session| {
        Leaf::create().branch_id(7).insert(&mut session).await?;
        Ok::<_, Fault>(StatusCode::CREATED)
    };
    let routes = Router::new().route("/leaves", post(grow)).layer(SessionLayer::new(database.clone()));
    let server = serve(routes).await;

    let answer = try_call(server, "POST /leaves", &[], "").await.unwrap();
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(Leaf::all().count(&mut database.session().unwrap()).await.unwrap(), 0);
}
