//! A live child never ends up under a parent that a cascade deleted: undo hands such rows over.

use crate::{World, values};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Roots};

/// Undoing the other one restores them all.
pub async fn a_row_whose_parent_another_cascade_holds_is_handed_over(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    let post = work.cascade("posts", 1).await;
    let user = work.cascade("users", 1).await;
    let done = work.back(&post).await;
    assert_eq!(done.rows(), 0);
    let handed: Vec<(&str, u64)> = done.handed_over.iter().map(|t| (t.table.as_str(), t.rows)).collect();
    assert_eq!(handed, [("posts", 1), ("comments", 1)]);
    assert_eq!(work.column("comments", "deletion_id").await, [Value::Uuid(user.id.into_bytes())]);
    assert_eq!(work.back(&user).await.rows(), 3);
    assert_eq!(work.live("comments").await, [1]);
}

/// Only a cascade holds children.
pub async fn a_parent_deleted_alone_takes_nothing_over(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    let post = work.delete("posts", 1).await;
    work.delete("users", 1).await;
    assert_eq!(work.back(&post).await.rows(), 1);
    assert_eq!(work.live("posts").await, [1]);
}

/// The same rows by another verb.
pub async fn restore_with_cascade_hands_over_too(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.delete("posts", 1).await;
    let user = work.cascade("users", 1).await;
    let cascade = reprieve_engine::deletion::Restore { cascade: true, ancestors: false };
    let done = work.try_restore("posts", 1, cascade).await.unwrap();
    assert_eq!((done.rows(), done.handed_over.len()), (0, 1));
    assert_eq!(work.back(&user).await.rows(), 2);
}

/// A relation that a cascade does not follow hands over as well, and the undo finds the row.
pub async fn a_row_handed_over_by_restrict_or_set_null_comes_back(world: World) {
    for table in ["invoices", "memberships"] {
        let mut work = world.work();
        work.add("users", values![id: 1, name: "ada"]).await;
        work.add(table, values![id: 1, user_id: 1]).await;
        let own = work.delete(table, 1).await;
        let user = work.cascade("users", 1).await;
        let done = work.back(&own).await;
        assert_eq!((done.rows(), done.handed_over.len()), (0, 1), "{table}");
        work.back(&user).await;
        assert_eq!(work.live(table).await, [1], "{table}");
        work.rollback().await.unwrap();
    }
}

/// A reference is put back with the row that it names, not before.
pub async fn a_cleared_reference_to_a_row_handed_over_waits_for_it(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.add("pins", values![id: 1, post_id: 1]).await;
    let post = work.cascade("posts", 1).await;
    let user = work.cascade("users", 1).await;
    work.back(&post).await;
    assert_eq!(work.column("pins", "post_id").await, [Value::Null]);
    work.back(&user).await;
    assert_eq!(work.column("pins", "post_id").await, [Value::Int(1)]);
}

/// In either order, and in a chain.
pub async fn three_deletions_are_undone_in_any_order(world: World) {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut work = world.work();
        work.add("users", values![id: 1, name: "ada"]).await;
        work.add("posts", values![id: 1, user_id: 1]).await;
        for key in 1..=2 {
            work.add("comments", values![id: key, post_id: 1]).await;
        }
        let deletions = [
            work.delete("comments", 1).await,
            work.cascade("posts", 1).await,
            work.cascade("users", 1).await,
        ];
        for which in order {
            work.back(&deletions[which]).await;
        }
        assert_eq!(work.live("users").await, [1], "{order:?}");
        assert_eq!(work.live("posts").await, [1], "{order:?}");
        assert_eq!(work.live("comments").await, [1, 2], "{order:?}");
        work.rollback().await.unwrap();
    }
}

/// The one that the row held last comes back.
pub async fn a_reference_cleared_by_two_deletions_comes_back_as_it_was_last(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for key in 1..=2 {
        work.add("posts", values![id: key, user_id: 1]).await;
    }
    work.add("pins", values![id: 1, post_id: 1]).await;
    let first = work.cascade("posts", 1).await;
    work.change("pins", 1, values![post_id: 2]).await.unwrap();
    let second = work.cascade("posts", 2).await;
    let user = work.cascade("users", 1).await;
    work.back(&first).await;
    work.back(&second).await;
    work.back(&user).await;
    assert_eq!(work.column("pins", "post_id").await, [Value::Int(2)]);
}

/// They are under a parent that a cascade holds by then; the receipt counts them.
pub async fn live_children_of_a_row_handed_over_are_taken_along(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    work.add("pins", values![id: 1, post_id: 1]).await;
    let post = work.delete("posts", 1).await;
    let user = work.cascade("users", 1).await;
    assert_eq!(work.live("comments").await, [1], "the cascade ends at a row that was deleted before");
    let done = work.back(&post).await;
    let handed: u64 = done.handed_over.iter().map(|table| table.rows).sum();
    assert_eq!((done.rows(), handed), (0, 2));
    assert_eq!(work.live("comments").await, Vec::<i64>::new());
    assert_eq!(work.column("comments", "deleted_at").await, [user.at.into()]);
    assert_eq!(work.column("pins", "post_id").await, [Value::Null]);
    work.back(&user).await;
    assert_eq!((work.live("posts").await, work.live("comments").await), (vec![1], vec![1]));
    assert_eq!(work.column("pins", "post_id").await, [Value::Int(1)]);
}

/// And so on: a row of the same deletion below such a child is handed over as well.
pub async fn a_row_below_a_child_that_is_taken_along_is_handed_over_too(world: World) {
    let mut work = world.work();
    work.add("comments", values![id: 1]).await;
    for key in 2..=4 {
        work.add("comments", values![id: key, parent_id: key - 1]).await;
    }
    let keys = Roots::Keys(vec![2.into(), 4.into()]);
    let comments = world.table("comments");
    let alone = work.soft_delete(&comments, keys, Delete::default(), &Actor::default()).await.unwrap();
    let cascade = work.cascade("comments", 1).await;
    assert_eq!(work.live("comments").await, [3]);
    assert_eq!(work.back(&alone).await.rows(), 0);
    assert_eq!(work.live("comments").await, Vec::<i64>::new());
    assert_eq!(work.back(&cascade).await.rows(), 4);
}
