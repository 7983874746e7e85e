//! Restore of single rows.

use crate::{World, values};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Restore, Roots};

/// Live, as if nothing had happened; the journal says when.
pub async fn a_restored_row_is_as_it_was(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    let before = work.content().await["users"].clone();
    work.delete("users", 1).await;
    let now = world.clock.next();
    assert_eq!(work.restore_alone("users", 1).await.rows(), 1);
    assert_eq!(work.content().await["users"], before);
    assert_eq!(work.column("reprieve_deletions", "restored_at").await, [Value::from(now)]);
}

/// Zero rows, nothing written.
pub async fn restoring_a_live_row_changes_nothing(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    let before = work.content().await;
    for (key, cascade) in [(1, false), (1, true), (99, false), (99, true)] {
        let done = work.try_restore("users", key, Restore { cascade, ancestors: false }).await.unwrap();
        assert_eq!(done.rows(), 0);
    }
    assert_eq!(work.content().await, before);
}

/// Its children stay deleted, and can follow one by one.
pub async fn restore_brings_the_row_back_alone(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for key in 1..=2 {
        work.add("posts", values![id: key, user_id: 1]).await;
    }
    work.cascade("users", 1).await;
    assert_eq!(work.restore_alone("users", 1).await.rows(), 1);
    assert_eq!((work.live("users").await, work.live("posts").await), (vec![1], vec![]));
    work.restore_alone("posts", 2).await;
    assert_eq!((work.live("posts").await, work.deleted("posts").await), (vec![2], vec![1]));
}

/// From any of its rows.
pub async fn restore_with_cascade_restores_the_whole_deletion(world: World) {
    for (table, key) in [("users", 1), ("posts", 2)] {
        let mut work = world.work();
        work.add("users", values![id: 1, name: "ada"]).await;
        for key in 1..=2 {
            work.add("posts", values![id: key, user_id: 1]).await;
        }
        work.delete("posts", 1).await;
        work.cascade("users", 1).await;
        let cascade = Restore { cascade: true, ancestors: false };
        assert_eq!(work.try_restore(table, key, cascade).await.unwrap().rows(), 2);
        assert_eq!((work.live("users").await, work.live("posts").await), (vec![1], vec![2]));
        work.rollback().await.unwrap();
    }
}

/// Each deletion that holds one of them.
pub async fn restore_with_cascade_of_several_rows_restores_each_of_their_deletions(world: World) {
    let mut work = world.work();
    for key in 1..=3 {
        work.add("users", values![id: key, name: "ada"]).await;
        work.add("posts", values![id: key, user_id: key]).await;
        work.cascade("users", key).await;
    }
    let keys = Roots::Keys(vec![1.into(), 3.into()]);
    let options = Restore { cascade: true, ancestors: false };
    let done = work.restore(&world.table("users"), keys, options, &Actor::default()).await.unwrap();
    assert_eq!(done.rows(), 4);
    assert_eq!((work.live("users").await, work.live("posts").await), (vec![1, 3], vec![1, 3]));
}

/// Not before the last of them is live.
pub async fn a_deletion_of_several_rows_is_closed_by_the_last_restore(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
    }
    let keys = Roots::Keys(vec![1.into(), 2.into()]);
    work.soft_delete(&world.table("users"), keys, Default::default(), &Actor::default()).await.unwrap();
    work.restore_alone("users", 1).await;
    assert_eq!(work.column("reprieve_deletions", "restored_at").await, [Value::Null]);
    let now = world.clock.next();
    work.restore_alone("users", 2).await;
    assert_eq!(work.column("reprieve_deletions", "restored_at").await, [Value::from(now)]);
    // A restore that finds nothing leaves it at that.
    work.restore_alone("users", 2).await;
    assert_eq!(work.column("reprieve_deletions", "restored_at").await, [Value::from(now)]);
}
