//! What the sessions of a route are opened with.

use crate::client::call;
use crate::support::{World, serve};
use axum::Router;
use axum::routing::get;
use reprieve::{Database, Isolation};
use reprieve_axum::{Error as Fault, Session, SessionLayer};
use reprieve_conformance::postgres::Place;
use std::time::Duration;

async fn shown(mut session: Session) -> Result<String, Fault> {
    session.sql("CREATE TEMPORARY TABLE IF NOT EXISTS begun (a bigint)").execute().await?;
    let (level,): (String,) = session.sql("SHOW transaction_isolation").first().await?.unwrap_or_default();
    Ok(level)
}

#[tokio::test]
async fn a_route_may_be_stricter_than_the_others() {
    let place = tokio::task::spawn_blocking(Place::new).await.unwrap();
    let database = Database::builder(place.url()).prepared_statements(false).connect().unwrap();
    let strict = SessionLayer::new(database.clone()).isolation(Isolation::Serializable);
    let routes = Router::new()
        .route("/strict", get(shown).layer(strict))
        .route("/usual", get(shown))
        .layer(SessionLayer::new(database));
    let server = serve(routes).await;
    assert_eq!(call(server, "GET /strict").await.body, "serializable");
    assert_eq!(call(server, "GET /usual").await.body, "read committed");
}

const LONG: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n";

async fn counts(mut session: Session) -> Result<String, Fault> {
    let (count,): (i64,) = session.sql(LONG).first().await?.unwrap_or_default();
    Ok(count.to_string())
}

#[tokio::test]
async fn a_route_may_give_the_database_less_time() {
    let world = World::new().await;
    let hasty = SessionLayer::new(world.database.clone()).command_timeout(Duration::from_millis(50));
    let server = world.serve(Router::new().route("/hasty", get(counts).layer(hasty))).await;
    assert_eq!(call(server, "GET /hasty").await.status, 503);
}
