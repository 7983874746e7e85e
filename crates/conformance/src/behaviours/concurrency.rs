//! Sessions on several threads: a deletion and a write beside it come one after the other.

use crate::{World, block_on, values};
use reprieve_core::error::Kind;
use std::thread;

/// The others find it deleted.
pub async fn a_row_deleted_from_several_threads_is_deleted_once(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.save().await;
    let delete = || {
        block_on(async {
            let mut work = world.work();
            let rows = work.cascade("users", 1).await.rows();
            work.save().await;
            rows
        })
    };
    let mut rows: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(delete)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    rows.sort_unstable();
    assert_eq!(rows, [0, 0, 0, 2]);
    assert_eq!(world.committed().await["reprieve_deletions"].len(), 1);
}

/// Whether it asks before the cascade is committed or after.
pub async fn a_child_added_beside_a_cascade_is_refused(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.save().await;
    work.cascade("users", 1).await;
    let error = thread::scope(|scope| {
        let adding =
            scope.spawn(|| block_on(world.work().try_add("posts", values![id: 1, user_id: 1])).unwrap_err());
        block_on(work.save());
        adding.join().unwrap()
    });
    assert_eq!(error.kind(), Kind::ConstraintViolation, "{error:?}");
    assert!(!world.committed().await.contains_key("posts"));
}

/// The cascade waits for it, and takes it.
pub async fn a_child_added_before_a_cascade_is_taken(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.save().await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    let rows = thread::scope(|scope| {
        let deleting = scope.spawn(|| block_on(async { world.work().cascade("users", 1).await.rows() }));
        block_on(work.save());
        deleting.join().unwrap()
    });
    assert_eq!(rows, 2);
}

/// One of them is restored, by one of them.
pub async fn a_deletion_undone_from_several_threads_is_undone_once(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("memberships", values![id: 1, user_id: 1]).await;
    let deletion = work.cascade("users", 1).await;
    work.save().await;
    let undo = || {
        block_on(async {
            let mut work = world.work();
            let rows = work.back(&deletion).await.rows();
            work.save().await;
            rows
        })
    };
    let mut rows: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(undo)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    rows.sort_unstable();
    assert_eq!(rows, [0, 0, 0, 1]);
    assert_eq!(work.live("users").await, [1]);
}
