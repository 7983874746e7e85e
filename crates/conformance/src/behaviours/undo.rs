//! Undo is the exact inverse of one deletion.

use crate::{World, values};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use uuid::Uuid;

/// Every table is as before; only the journal knows.
pub async fn an_undone_cascade_leaves_everything_as_it_was(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
        work.add("posts", values![id: key, user_id: key]).await;
        work.add("posts", values![id: key + 10, user_id: key]).await;
        work.add("comments", values![id: key, post_id: key]).await;
        work.add("comments", values![id: key + 10, parent_id: key]).await;
        work.add("reactions", values![id: key, post_id: key, comment_id: key]).await;
        work.add("pins", values![id: key, post_id: key]).await;
        work.add("memberships", values![id: key, user_id: key]).await;
        work.add("tickets", values![id: key, assignee_id: key]).await;
        work.add("logs", values![id: key, user_id: key]).await;
    }
    work.delete("posts", 12).await;
    let before = work.content().await;
    let deletion = work.cascade("users", 2).await;
    let now = world.clock.next();
    let done = work.back(&deletion).await;
    assert_eq!((done.rows(), done.handed_over), (deletion.rows(), vec![]));
    let mut after = work.content().await;
    let journal = after.insert("reprieve_deletions".into(), before["reprieve_deletions"].clone()).unwrap();
    assert_eq!(after, before);
    assert_eq!(journal.last().unwrap().last(), Some(&Value::from(now)));
}

/// What was restored alone meanwhile, or deleted anew, is not the deletion's any more.
pub async fn undo_restores_what_the_deletion_still_holds(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for key in 1..=3 {
        work.add("posts", values![id: key, user_id: 1]).await;
    }
    let deletion = work.cascade("users", 1).await;
    work.restore_alone("users", 1).await;
    work.restore_alone("posts", 1).await;
    work.restore_alone("posts", 2).await;
    work.delete("posts", 2).await;
    assert_eq!(work.back(&deletion).await.rows(), 1);
    assert_eq!((work.live("posts").await, work.deleted("posts").await), (vec![1, 3], vec![2]));
}

/// Zero rows, and the journal keeps the instant of the first time.
pub async fn a_second_undo_changes_nothing(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    let deletion = work.cascade("users", 1).await;
    work.back(&deletion).await;
    work.cascade("users", 1).await;
    let before = work.content().await;
    assert_eq!(work.back(&deletion).await.rows(), 0);
    assert_eq!(work.content().await, before);
}

/// There is nothing to undo.
pub async fn an_unknown_deletion_is_not_found(world: World) {
    let mut work = world.work();
    let error = work.undo(Uuid::from_bytes([7; 16]), &Actor::default()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(!work.in_transaction());
}
