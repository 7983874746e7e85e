//! A row under a parent that a cascade deleted does not come back alone.

use crate::{Work, World, values};
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Restore, Roots};

const ALONE: Restore = Restore { cascade: false, ancestors: false };
const ANCESTORS: Restore = Restore { cascade: false, ancestors: true };

async fn deleted_family(work: &mut Work) {
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 10, user_id: 1]).await;
    work.add("posts", values![id: 11, user_id: 1]).await;
    work.add("comments", values![id: 100, post_id: 10]).await;
    work.cascade("users", 1).await;
}

/// The error names the row, the column and the parent; nothing is changed.
pub async fn restoring_alone_under_a_parent_taken_by_a_cascade_is_refused(world: World) {
    let mut work = world.work();
    deleted_family(&mut work).await;
    let before = work.content().await;
    let error = work.try_restore("posts", 10, ALONE).await.unwrap_err();
    assert!(error.is_restore_conflict(), "{error:?}");
    let context = error.context();
    assert_eq!(context.model.as_deref(), Some("Post"));
    assert_eq!((context.field().as_deref(), context.value.as_deref()), (Some("user_id"), Some("10")));
    assert!(error.to_string().contains("User 1"), "{error}");
    assert_eq!(work.content().await, before);
}

/// Each alone: what else the deletion took stays.
pub async fn with_ancestors_the_parents_come_back_too(world: World) {
    let mut work = world.work();
    deleted_family(&mut work).await;
    assert_eq!(work.try_restore("comments", 100, ANCESTORS).await.unwrap().rows(), 3);
    assert_eq!((work.live("users").await, work.live("posts").await), (vec![1], vec![10]));
    assert_eq!((work.live("comments").await, work.deleted("posts").await), (vec![100], vec![11]));
}

/// A row deleted for its own reason before is no exception: a live child never ends up there.
pub async fn a_row_deleted_before_the_cascade_is_refused_too(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 10, user_id: 1]).await;
    work.delete("posts", 10).await;
    work.cascade("users", 1).await;
    let error = work.try_restore("posts", 10, ALONE).await.unwrap_err();
    assert!(error.is_restore_conflict(), "{error:?}");
    assert_eq!(work.try_restore("posts", 10, ANCESTORS).await.unwrap().rows(), 2);
}

/// Also when it is by a relation that a cascade does not follow.
pub async fn a_parent_by_set_null_or_restrict_stands_in_the_way_too(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for table in ["memberships", "invoices"] {
        work.add(table, values![id: 5, user_id: 1]).await;
        work.delete(table, 5).await;
    }
    work.cascade("users", 1).await;
    for table in ["memberships", "invoices"] {
        let error = work.try_restore(table, 5, ALONE).await.unwrap_err();
        assert!(error.is_restore_conflict(), "{table}: {error:?}");
    }
}

/// A parent that the same call restores holds nobody back.
pub async fn a_parent_and_its_child_can_be_restored_by_one_call(world: World) {
    let mut work = world.work();
    work.add("comments", values![id: 1]).await;
    work.add("comments", values![id: 2, parent_id: 1]).await;
    work.add("comments", values![id: 3, parent_id: 2]).await;
    work.cascade("comments", 1).await;
    let comments = world.table("comments");
    let keys = Roots::Keys(vec![1.into(), 2.into()]);
    let done = work.restore(&comments, keys, ALONE, &Actor::default()).await.unwrap();
    assert_eq!(done.rows(), 2);
    assert_eq!((work.live("comments").await, work.deleted("comments").await), (vec![1, 2], vec![3]));
}

/// It ends.
pub async fn ancestors_of_a_row_that_is_its_own_parent_come_back_once(world: World) {
    let mut work = world.work();
    work.add("comments", values![id: 1]).await;
    work.add("comments", values![id: 2, parent_id: 1]).await;
    work.change("comments", 1, values![parent_id: 2]).await.unwrap();
    work.cascade("comments", 1).await;
    work.try_restore("comments", 1, ANCESTORS).await.unwrap();
    assert_eq!(work.live("comments").await, [1, 2]);
}

/// However far above.
pub async fn a_row_far_below_comes_back_with_all_its_ancestors(world: World) {
    const DEPTH: i64 = 500;
    let mut work = world.work();
    work.add("comments", values![id: 1]).await;
    for key in 2..=DEPTH {
        work.add("comments", values![id: key, parent_id: key - 1]).await;
    }
    work.cascade("comments", 1).await;
    assert_eq!(work.try_restore("comments", DEPTH, ANCESTORS).await.unwrap().rows(), DEPTH as u64);
}
