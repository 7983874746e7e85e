//! Errors name the model, the field and the value; nothing is written.

use crate::{World, values};
use reprieve_core::error::{Error, Kind};
use reprieve_core::value::Value;

#[track_caller]
fn names(error: &Error, kind: Kind, model: &str, field: Option<&str>) {
    let context = error.context();
    assert_eq!(
        (error.kind(), context.model.as_deref(), context.field().as_deref()),
        (kind, Some(model), field),
        "{error:?}"
    );
}

/// Before anything is sent to the database.
pub async fn a_value_that_does_not_fit_is_refused(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.save().await;
    let before = world.committed().await;
    let long = "x".repeat(21);
    let refused = [
        work.try_add("users", values![id: 2]).await.unwrap_err(),
        work.try_add("users", values![id: 2, name: 5]).await.unwrap_err(),
        work.try_add("users", values![id: 2, name: long.as_str()]).await.unwrap_err(),
        work.try_add("users", vec![("name", Value::Null)]).await.unwrap_err(),
        work.change("users", 1, values![name: true]).await.unwrap_err(),
        work.change("users", 1, vec![("name", Value::Null)]).await.unwrap_err(),
        work.change("users", 1, values![name: long.as_str()]).await.unwrap_err(),
    ];
    for error in &refused {
        names(error, Kind::InvalidValue, "User", Some("name"));
    }
    assert!(!work.in_transaction());
    assert_eq!(world.committed().await, before);
}

/// They are written by deletions only.
pub async fn the_markers_cannot_be_written_by_an_update(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    let now = world.clock.next();
    let error = work.change("users", 1, values![deleted_at: now]).await.unwrap_err();
    names(&error, Kind::InvalidValue, "User", Some("deleted_at"));
}

/// With the key.
pub async fn changing_a_row_that_is_not_there_is_not_found(world: World) {
    let mut work = world.work();
    let error = work.change("users", 9, values![name: "ada"]).await.unwrap_err();
    names(&error, Kind::NotFound, "User", Some("id"));
    assert_eq!(error.context().value.as_deref(), Some("9"));
    assert!(!work.in_transaction());
}

/// Told by the driver's codes.
pub async fn taken_keys_and_missing_parents_are_told_apart(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    let twice = work.try_add("users", values![id: 1, name: "eve"]).await.unwrap_err();
    names(&twice, Kind::UniqueViolation, "User", Some("id"));
    let email = work.try_add("users", values![id: 2, name: "eve", email: "a@x"]).await.unwrap_err();
    names(&email, Kind::UniqueViolation, "User", Some("email"));
    let orphan = work.try_add("posts", values![id: 1, user_id: 9]).await.unwrap_err();
    assert_eq!(orphan.kind(), Kind::ConstraintViolation);
    work.add("users", values![id: 2, name: "eve"]).await;
    let email = work.change("users", 2, values![email: "a@x"]).await.unwrap_err();
    names(&email, Kind::UniqueViolation, "User", Some("email"));
}

/// With the way out.
pub async fn a_missing_table_is_named(world: World) {
    // Nothing refers to it: where something does, databases differ in what they say.
    let only = ["badges".to_owned()];
    world.database.drop_tables(Some(&only)).await.unwrap();
    let mut work = world.work();
    let error = work.try_add("badges", values![id: 1]).await.unwrap_err();
    names(&error, Kind::MissingTable, "Badge", None);
    assert!(error.to_string().contains("create_tables"), "{error}");
}
