//! What the transactions of a route see of others.

use crate::client::call;
use crate::support::serve;
use axum::Router;
use axum::routing::get;
use reprieve::{Database, Isolation};
use reprieve_axum::{Error as Fault, Session, SessionLayer};
use reprieve_conformance::postgres::Place;

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
