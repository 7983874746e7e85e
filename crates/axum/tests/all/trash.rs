//! The routes for deleted rows.

use crate::client::{Answer, call, try_call};
use crate::support::{Book, Page, Shelf, World};
use axum::Router;
use axum::http::request::Parts;
use axum::routing::{delete, get};
use reprieve::Model;
use reprieve::actor::Actor;
use reprieve_axum::trash::{Action, Refusal};
use reprieve_axum::{Key, Session, trash_routes};
use serde_json::json;
use std::net::SocketAddr;

async fn anybody<K>(_: Action<K>, _: Parts) -> Result<Actor, Refusal> {
    Ok(Actor::user("somebody"))
}

/// Ada may do everything; Bob must not purge; nobody else may know of shelf 1.
async fn known(action: Action<i64>, request: Parts) -> Result<Actor, Refusal> {
    match request.headers.get("x-user").map(|user| user.as_bytes()) {
        Some(b"ada") => Ok(Actor::user("ada")),
        Some(b"bob") if matches!(action, Action::Purge(_)) => Err(Refusal::forbidden()),
        Some(b"bob") => Ok(Actor::user("bob")),
        _ if action.key() == Some(&1) => Err(Refusal::not_found()),
        _ => Err(Refusal::unauthorized("Bearer")),
    }
}

async fn by(user: &str, server: SocketAddr, line: &str) -> Answer {
    try_call(server, line, &[&format!("x-user: {user}")], "").await.unwrap()
}

#[tokio::test]
async fn a_row_is_deleted_listed_restored_and_purged() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    let server = world.serve(trash_routes::<Shelf>("/shelves", anybody).into()).await;
    let path = format!("/shelves/{}", shelf.id);

    let not_yet = call(server, &format!("POST {path}/restore")).await;
    assert_eq!((not_yet.status, &not_yet.json()["detail"]), (400, &json!("Shelf is not deleted")));
    assert_eq!(call(server, &format!("DELETE {path}/permanent")).await.status, 400);

    assert_eq!(call(server, &format!("DELETE {path}/soft")).await.status, 204);
    assert_eq!((world.shelves().await, world.deleted().await), (0, 1));
    assert_eq!(call(server, &format!("DELETE {path}/soft")).await.status, 404);

    let listed = call(server, "GET /shelves/deleted").await.json();
    assert_eq!(listed[0]["label"], "sea");
    assert_eq!(listed[0]["deletion"]["actor"], "somebody");

    let restored = call(server, &format!("POST {path}/restore")).await;
    assert_eq!((restored.status, restored.json()), (200, json!({"id": shelf.id, "label": "sea"})));
    assert_eq!((world.shelves().await, world.deleted().await), (1, 0));

    call(server, &format!("DELETE {path}/soft")).await;
    assert_eq!(call(server, &format!("DELETE {path}/permanent")).await.status, 204);
    assert_eq!((world.shelves().await, world.deleted().await), (0, 0));
    for line in [format!("POST {path}/restore"), format!("DELETE {path}/permanent")] {
        assert_eq!(call(server, &line).await.status, 404, "{line}");
    }
}

#[tokio::test]
async fn a_cascade_goes_there_and_back() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    world.book("Typhoon", &shelf).await;
    let routes = trash_routes::<Shelf>("/shelves", anybody).cascade();
    let server = world.serve(routes.into()).await;
    call(server, &format!("DELETE /shelves/{}/soft", shelf.id)).await;
    assert_eq!(world.books().await, 0);
    call(server, &format!("POST /shelves/{}/restore", shelf.id)).await;
    assert_eq!(world.books().await, 1);
}

#[tokio::test]
async fn a_restore_that_conflicts_changes_nothing() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    let server = world.serve(trash_routes::<Shelf>("/shelves", anybody).into()).await;
    call(server, &format!("DELETE /shelves/{}/soft", shelf.id)).await;
    world.shelf("sea").await;
    let answer = call(server, &format!("POST /shelves/{}/restore", shelf.id)).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_eq!((world.shelves().await, world.deleted().await), (1, 1));
}

#[tokio::test]
async fn the_list_has_pages() {
    let world = World::new().await;
    for label in ["a", "b", "c"] {
        let mut session = world.database.session().unwrap();
        world.shelf(label).await.soft_delete(&mut session).await.unwrap();
        session.commit().await.unwrap();
    }
    let routes = trash_routes::<Shelf>("/shelves", anybody).page_size(2).list_at("/bin");
    let server = world.serve(routes.into()).await;
    let labels = async |query: &str| {
        let rows = call(server, &format!("GET /bin{query}")).await.json();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["label"].as_str().unwrap().to_owned())
            .collect::<String>()
    };
    assert_eq!(labels("").await, "ab");
    assert_eq!(labels("?offset=2").await, "c");
    assert_eq!(labels("?limit=1&offset=1").await, "b");
    for query in ["?limit=3", "?limit=all", "?offset=-1"] {
        let answer = call(server, &format!("GET /bin{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {answer:?}");
    }
}

#[tokio::test]
async fn who_may_not_is_refused_before_anything_is_read() {
    let world = World::new().await;
    let first = world.shelf("first").await;
    let second = world.shelf("second").await;
    let server = world.serve(trash_routes::<Shelf>("/shelves", known).into()).await;

    let stranger = call(server, &format!("DELETE /shelves/{}/soft", second.id)).await;
    assert_eq!((stranger.status, stranger.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(stranger.header("content-type"), Some("application/problem+json"));
    assert_eq!(call(server, "GET /shelves/deleted").await.status, 401);
    assert_eq!(call(server, &format!("DELETE /shelves/{}/soft", first.id)).await.status, 404);
    assert_eq!(by("bob", server, &format!("DELETE /shelves/{}/permanent", second.id)).await.status, 403);
    assert_eq!((world.shelves().await, world.deleted().await), (2, 0));
}

#[tokio::test]
async fn the_journal_and_the_audit_log_name_who_was_let_through() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    let server = world.serve(trash_routes::<Shelf>("/shelves", known).into()).await;
    by("bob", server, &format!("DELETE /shelves/{}/soft", shelf.id)).await;
    by("ada", server, &format!("POST /shelves/{}/restore", shelf.id)).await;

    let by_hand = world.by_hand();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = by_hand.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(texts("SELECT actor FROM reprieve_deletions"), ["bob"]);
    let log =
        texts("SELECT operation || ' ' || user_id FROM audit_logs WHERE user_id IS NOT NULL ORDER BY id");
    assert_eq!(log, ["SOFT_DELETE bob", "RESTORE ada"]);
}

/// Asks the database who may: only a shelf without books is let go.
async fn empty_ones(action: Action<i64>, mut request: Parts) -> Result<Actor, Refusal> {
    use axum::extract::FromRequestParts;
    let mut session = Session::from_request_parts(&mut request, &()).await?;
    if let Action::SoftDelete(id) = action
        && Book::filter(Book::SHELF_ID.eq(id)).exists(&mut session).await?
    {
        return Err(Refusal::forbidden());
    }
    Ok(Actor::default())
}

#[tokio::test]
async fn the_database_can_be_asked_who_may() {
    let world = World::new().await;
    let (full, empty) = (world.shelf("full").await, world.shelf("empty").await);
    world.book("Typhoon", &full).await;
    let server = world.serve(trash_routes::<Shelf>("/shelves", empty_ones).into()).await;
    assert_eq!(call(server, &format!("DELETE /shelves/{}/soft", full.id)).await.status, 403);
    assert_eq!(call(server, &format!("DELETE /shelves/{}/soft", empty.id)).await.status, 204);
}

/// The program's own routes, of other names and methods.
fn own() -> Router {
    let own = async |Key(id): Key<Shelf>| format!("own {id}");
    Router::new()
        .route("/shelves/{id}", get(own).delete(own))
        .route("/shelves/{shelf_id}/books", get(async || "books"))
        .route("/shelves/{id}/{part}", get(async || "part"))
}

#[tokio::test]
async fn they_stand_beside_the_programs_own_routes_in_any_order() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    let trash = || trash_routes::<Shelf>("/shelves/", anybody);
    for routes in [own().merge(trash()), Router::new().merge(trash()).merge(own())] {
        let server = world.serve(routes).await;
        let path = format!("/shelves/{}", shelf.id);
        assert_eq!(call(server, &format!("GET {path}")).await.body, format!("own {}", shelf.id));
        assert_eq!(call(server, &format!("DELETE {path}")).await.body, format!("own {}", shelf.id));
        assert_eq!(call(server, &format!("GET {path}/books")).await.body, "books");
        assert_eq!(call(server, &format!("GET {path}/cover")).await.body, "part");
        assert_eq!(call(server, "GET /shelves/deleted").await.body, "[]");
        assert_eq!(call(server, &format!("DELETE {path}/soft")).await.status, 204);
        assert_eq!(call(server, &format!("POST {path}/restore")).await.status, 200);
    }
}

#[tokio::test]
async fn they_can_be_nested_below_other_parameters() {
    let world = World::new().await;
    let shelf = world.shelf("sea").await;
    let inner: Router = trash_routes::<Shelf>("/shelves", anybody).into();
    let server = world.serve(Router::new().nest("/houses/{house}", inner)).await;
    assert_eq!(call(server, &format!("DELETE /houses/9/shelves/{}/soft", shelf.id)).await.status, 204);
    assert_eq!(world.deleted().await, 1);
}

#[test]
#[should_panic(expected = "choose a place for the list")]
fn a_key_that_could_be_the_word_of_the_list_is_noticed() {
    let _: Router = trash_routes::<Page>("/pages", anybody).into();
}

#[tokio::test]
async fn keys_that_are_texts_have_their_list_elsewhere() {
    let world = World::new().await;
    let mut session = world.database.session().unwrap();
    Page::create().path("deleted").insert(&mut session).await.unwrap();
    session.commit().await.unwrap();
    let read = async |Key(path): Key<Page>| path;
    let routes = Router::new()
        .route("/pages/{path}", get(read))
        .merge(trash_routes::<Page>("/pages", anybody).list_at("/deleted/pages"));
    let server = world.serve(routes).await;
    assert_eq!(call(server, "GET /pages/deleted").await.body, "deleted");
    assert_eq!(call(server, "DELETE /pages/deleted/soft").await.status, 204);
    assert_eq!(call(server, "GET /deleted/pages").await.json()[0]["path"], "deleted");
}

#[test]
#[should_panic(expected = "Overlapping")]
fn a_route_that_the_program_has_itself_is_noticed() {
    let mine = Router::new().route("/shelves/{key}/soft", delete(async || "mine"));
    let _: Router = mine.merge(trash_routes::<Shelf>("/shelves", anybody));
}
