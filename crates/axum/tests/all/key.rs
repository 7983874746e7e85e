//! Keys in paths.

use crate::client::call;
use crate::support::{Page, Shelf, World};
use axum::Router;
use axum::routing::get;
use reprieve::Model;
use reprieve_axum::Key;

#[derive(Debug, Clone, Copy, PartialEq, reprieve::Value)]
enum Size {
    Small,
    Large,
}

#[derive(Debug, Clone, Model)]
#[model(table = "prices")]
struct Price {
    #[model(primary_key)]
    size: Size,
    cents: i16,
}

#[derive(Debug, Clone, Model)]
#[model(table = "slots")]
struct Slot {
    #[model(primary_key)]
    number: i16,
    label: String,
}

#[tokio::test]
async fn a_key_is_read_as_the_models_type() {
    let world = World::new().await;
    let routes = Router::new()
        .route("/shelves/{id}", get(async |Key(id): Key<Shelf>| format!("{id}")))
        .route("/pages/{path}", get(async |Key(path): Key<Page>| path))
        .route("/slots/{number}", get(async |Key(number): Key<Slot>| format!("{number}")))
        .route("/prices/{size}", get(async |Key(size): Key<Price>| format!("{size:?}")))
        .route("/{a}/{b}/two", get(async |Key(id): Key<Shelf>| format!("{id}")));
    let server = world.serve(routes).await;
    let cases = [
        ("/shelves/7", 200),
        ("/shelves/-7", 200),
        ("/shelves/first", 422),
        ("/shelves/0x1", 422),
        ("/shelves/%FF", 422),
        // A number, and no row can have it.
        ("/shelves/9223372036854775807", 200),
        ("/shelves/9223372036854775808", 404),
        ("/shelves/99999999999999999999999999", 404),
        ("/slots/32767", 200),
        ("/slots/32768", 404),
        ("/pages/a%2Fb%20c", 200),
        ("/prices/Small", 200),
        ("/prices/Huge", 404),
        // Which of the two is meant?
        ("/1/2/two", 500),
    ];
    for (path, status) in cases {
        let answer = call(server, &format!("GET {path}")).await;
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
    assert_eq!(call(server, "GET /pages/a%2Fb%20c").await.body, "a/b c");
    let _ = (Size::Large, Price::CENTS, Slot::LABEL);
}
