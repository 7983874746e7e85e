//! A cascade follows relations set by set, until nothing is added.

use crate::{Work, World, values};
use reprieve_core::value::Value;

async fn family(work: &mut Work) {
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("users", values![id: 2, name: "bob"]).await;
    for (post, user) in [(10, 1), (11, 1), (20, 2)] {
        work.add("posts", values![id: post, user_id: user]).await;
        work.add("comments", values![id: post * 10, post_id: post]).await;
    }
}

/// Every row it took carries its instant and its id; the others are as they were.
pub async fn a_cascade_takes_children_and_their_children(world: World) {
    let mut work = world.work();
    family(&mut work).await;
    let deletion = work.cascade("users", 1).await;
    let taken: Vec<(&str, u64)> = deletion.taken.iter().map(|t| (t.table.as_str(), t.rows)).collect();
    assert_eq!(taken, [("users", 1), ("posts", 2), ("comments", 2)]);
    for table in ["users", "posts", "comments"] {
        let (at, id) = (work.column(table, "deleted_at").await, work.column(table, "deletion_id").await);
        for (at, id) in at.into_iter().zip(id).filter(|(at, _)| !at.is_null()) {
            assert_eq!(at, deletion.at.into(), "{table}");
            assert_eq!(id, Value::Uuid(deletion.id.into_bytes()), "{table}");
        }
    }
    assert_eq!(work.live("users").await, [2]);
    assert_eq!(work.live("posts").await, [20]);
    assert_eq!(work.live("comments").await, [200]);
    assert_eq!(work.column("reprieve_deletions", "cascade").await, [Value::Bool(true)]);
}

/// The document's default.
pub async fn a_delete_without_cascade_leaves_children_as_they_are(world: World) {
    let mut work = world.work();
    family(&mut work).await;
    let deletion = work.delete("users", 1).await;
    assert_eq!(deletion.rows(), 1);
    assert_eq!(work.live("posts").await, [10, 11, 20]);
    // And does not stand in the way of restoring one.
    work.delete("posts", 10).await;
    work.restore_alone("posts", 10).await;
    assert_eq!(work.live("posts").await, [10, 11, 20]);
}

/// To any depth.
pub async fn a_cascade_follows_a_relation_of_a_table_to_itself(world: World) {
    let mut work = world.work();
    work.add("posts", values![id: 1]).await;
    work.add("posts", values![id: 2]).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    for key in 2..=6 {
        work.add("comments", values![id: key, parent_id: key - 1, post_id: 2]).await;
    }
    assert_eq!(work.cascade("comments", 3).await.rows(), 4);
    assert_eq!(work.live("comments").await, [1, 2]);
    assert_eq!(work.cascade("posts", 1).await.rows(), 3, "the post, its comment and the reply");
    assert_eq!(work.live("comments").await, Vec::<i64>::new());
}

/// A row that is its own parent, and two tables that refer to each other.
pub async fn a_cascade_ends_in_a_cycle(world: World) {
    let mut work = world.work();
    work.add("comments", values![id: 1]).await;
    work.change("comments", 1, values![parent_id: 1]).await.unwrap();
    assert_eq!(work.cascade("comments", 1).await.rows(), 1);

    work.add("chickens", values![id: 1]).await;
    work.add("eggs", values![id: 1, chicken_id: 1]).await;
    work.add("chickens", values![id: 2, egg_id: 1]).await;
    work.add("eggs", values![id: 2, chicken_id: 2]).await;
    work.change("chickens", 1, values![egg_id: 2]).await.unwrap();
    let deletion = work.cascade("eggs", 1).await;
    assert_eq!(deletion.rows(), 4);
    assert_eq!((work.live("chickens").await, work.live("eggs").await), (vec![], vec![]));
    assert_eq!(work.back(&deletion).await.rows(), 4);
    assert_eq!((work.live("chickens").await, work.live("eggs").await), (vec![1, 2], vec![1, 2]));
}

/// It is taken, counted and restored once.
pub async fn a_row_that_a_cascade_reaches_twice_is_taken_once(world: World) {
    let mut work = world.work();
    work.add("posts", values![id: 1]).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    work.add("reactions", values![id: 1, post_id: 1, comment_id: 1]).await;
    let deletion = work.cascade("posts", 1).await;
    assert_eq!(deletion.rows(), 3);
    assert_eq!(work.back(&deletion).await.rows(), 3);
}

/// Its own deletion, its own instant.
pub async fn a_row_deleted_before_keeps_its_deletion(world: World) {
    let mut work = world.work();
    family(&mut work).await;
    let before = work.delete("posts", 10).await;
    let cascade = work.cascade("users", 1).await;
    assert_eq!(
        cascade.rows(),
        3,
        "the user, the other post and its comment: the cascade stops at the deleted post"
    );
    assert_eq!(work.column("posts", "deleted_at").await[..2], [before.at.into(), cascade.at.into()]);
    assert_eq!(work.live("comments").await, [100, 200]);
    work.back(&cascade).await;
    assert_eq!(work.deleted("posts").await, [10]);
}
