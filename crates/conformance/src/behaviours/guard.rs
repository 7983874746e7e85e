//! Nobody puts a live child under a parent that a cascade deleted.

use crate::{World, values};
use reprieve_core::error::Kind;

/// The error names the model, the column and the key.
pub async fn inserting_under_a_parent_taken_by_a_cascade_is_refused(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.cascade("users", 1).await;
    let before = work.content().await;
    for table in ["posts", "memberships", "invoices"] {
        let error = work.try_add(table, values![id: 1, user_id: 1]).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.context().field().as_deref()),
            (Kind::ConstraintViolation, Some("user_id"))
        );
        assert_eq!(error.context().value.as_deref(), Some("1"), "{table}");
    }
    assert_eq!(work.content().await, before);
}

/// So is moving one there.
pub async fn moving_a_row_under_a_parent_taken_by_a_cascade_is_refused(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
    }
    work.add("posts", values![id: 1, user_id: 2]).await;
    work.cascade("users", 1).await;
    let before = work.content().await;
    let error = work.change("posts", 1, values![user_id: 1]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::ConstraintViolation);
    let context = error.context();
    assert_eq!((context.model.as_deref(), context.field().as_deref()), (Some("Post"), Some("user_id")));
    assert_eq!(work.content().await, before);
}

/// The caller's choice was to leave children alone.
pub async fn a_parent_deleted_alone_takes_new_children(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.delete("users", 1).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    assert_eq!(work.live("posts").await, [1]);
}

/// It is a parent like any other.
pub async fn a_restored_parent_takes_new_children(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.cascade("users", 1).await;
    work.restore_alone("users", 1).await;
    work.add("posts", values![id: 2, user_id: 1]).await;
    assert_eq!(work.live("posts").await, [2]);
}
