//! `on_delete` means the same for a soft deletion as for a physical one.

use crate::cascading;
use crate::{World, values};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;
use reprieve_engine::deletion::Delete;

/// Nothing is changed, whatever the cascade had taken by then.
pub async fn a_live_child_that_restricts_is_listed_and_nothing_changes(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 10, user_id: 1]).await;
    work.add("memberships", values![id: 1, user_id: 1]).await;
    for key in [5, 6] {
        work.add("invoices", values![id: key, user_id: 1]).await;
    }
    let before = work.content().await;
    for options in [cascading(), Delete::default()] {
        let error = work.try_delete("users", 1, options).await.unwrap_err();
        assert!(error.is_restricted(), "{error:?}");
        let context = error.context();
        assert_eq!(context.model.as_deref(), Some("User"));
        assert_eq!((context.field().as_deref(), context.value.as_deref()), (Some("user_id"), Some("1")));
        assert!(error.to_string().contains("Invoice") && error.to_string().contains("id=5, 6"), "{error}");
        assert_eq!(work.content().await, before);
    }
}

/// So does none at all.
pub async fn a_deleted_child_restricts_nothing(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("invoices", values![id: 5, user_id: 1]).await;
    work.delete("invoices", 5).await;
    assert_eq!(work.cascade("users", 1).await.rows(), 1);
}

/// The reference is back after an undo; it is not a row that the deletion took.
pub async fn set_null_is_recorded_and_put_back(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("users", values![id: 2, name: "bob"]).await;
    for (key, user) in [(1, 1), (2, 1), (3, 2)] {
        work.add("memberships", values![id: key, user_id: user]).await;
    }
    let before = work.content().await;
    let deletion = work.cascade("users", 1).await;
    assert_eq!(deletion.rows(), 1);
    assert_eq!(work.column("memberships", "user_id").await, [Value::Null, Value::Null, 2.into()]);
    assert_eq!(work.live("memberships").await, [1, 2, 3]);
    // Where a column has one type, any value is its text.
    let old = work.column("reprieve_changes", "old_value").await;
    assert!(old == [Value::Int(1), Value::Int(1)] || old == ["1".into(), "1".into()], "{old:?}");
    work.back(&deletion).await;
    let mut after = work.content().await;
    after.remove("reprieve_deletions");
    assert_eq!(after, before);
}

/// Only the caller's choice of a cascade moves references.
pub async fn without_a_cascade_references_stay(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("memberships", values![id: 1, user_id: 1]).await;
    work.delete("users", 1).await;
    assert_eq!(work.column("memberships", "user_id").await, [Value::Int(1)]);
}

/// Somebody gave it another parent meanwhile.
pub async fn a_reference_that_was_changed_since_is_not_put_back(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
        work.add("memberships", values![id: key, user_id: 1]).await;
    }
    let deletion = work.cascade("users", 1).await;
    work.change("memberships", 2, values![user_id: 2]).await.unwrap();
    work.back(&deletion).await;
    assert_eq!(work.column("memberships", "user_id").await, [Value::Int(1), Value::Int(2)]);
}

/// The column's default takes the place of the parent.
pub async fn set_default_is_recorded_and_put_back(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
        work.add("tickets", values![id: key, assignee_id: key]).await;
    }
    let deletion = work.cascade("users", 2).await;
    assert_eq!(work.column("tickets", "assignee_id").await, [Value::Int(1), Value::Int(1)]);
    work.back(&deletion).await;
    assert_eq!(work.column("tickets", "assignee_id").await, [Value::Int(1), Value::Int(2)]);
}

/// They are the database's matter when the parent is removed.
pub async fn children_without_soft_delete_are_left_alone(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("logs", values![id: 1, user_id: 1]).await;
    assert_eq!(work.cascade("users", 1).await.rows(), 1);
    assert_eq!(work.column("logs", "user_id").await, [Value::Int(1)]);
    assert!(work.gone("users", 1).await.unwrap());
    assert_eq!(work.column("logs", "user_id").await, []);
}

/// A row without soft delete cannot be deleted softly.
pub async fn a_table_without_soft_delete_refuses_it(world: World) {
    let mut work = world.work();
    work.add("logs", values![id: 1]).await;
    let error = work.try_delete("logs", 1, Delete::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.context().model.as_deref()), (Kind::Schema, Some("Log")));
}
