//! A session: one transaction at a time, opened by the first write.

use crate::instrumented::{Fault, How};
use crate::{World, values};
use reprieve_core::error::Kind;

/// Others see it then.
pub async fn work_is_seen_by_others_once_it_is_committed(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    assert!(work.in_transaction());
    assert!(world.committed().await.is_empty());
    assert_eq!(work.live("shelves").await, [1], "the session itself sees it at once");
    work.save().await;
    assert!(!work.in_transaction());
    assert_eq!(world.committed().await["shelves"].len(), 1);
}

/// Deletions included.
pub async fn a_rollback_undoes_everything_since_the_last_commit(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    work.add("books", values![id: 1, shelf_id: 1]).await;
    work.save().await;
    let before = world.committed().await;
    work.cascade("shelves", 1).await;
    work.add("shelves", values![id: 2]).await;
    work.gone("books", 1).await.unwrap();
    work.rollback().await.unwrap();
    assert_eq!(work.content().await, before);
    work.save().await;
    assert_eq!(world.committed().await, before);
}

/// The writers' turn is free again.
pub async fn a_session_that_is_dropped_rolls_back(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    drop(work);
    let mut other = world.work();
    other.add("shelves", values![id: 2]).await;
    other.save().await;
    assert_eq!(other.live("shelves").await, [2]);
}

/// They fail, each with the same words.
pub async fn a_closed_session_refuses_every_verb(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    work.close();
    work.close();
    assert!(work.is_closed() && !work.in_transaction());
    let errors = [
        work.try_add("shelves", values![id: 2]).await.unwrap_err(),
        work.change("shelves", 1, values![label: "x"]).await.unwrap_err(),
        work.try_delete("shelves", 1, Default::default()).await.unwrap_err(),
        work.try_restore("shelves", 1, Default::default()).await.unwrap_err(),
        work.gone("shelves", 1).await.unwrap_err(),
        work.commit().await.unwrap_err(),
        work.rollback().await.unwrap_err(),
        work.savepoint().await.unwrap_err(),
        work.begin().await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), Kind::Session, "{error:?}");
    }
    assert!(world.committed().await.is_empty());
}

/// What came before stays, what came after too.
pub async fn a_savepoint_undoes_its_own_part_only(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    let savepoint = work.savepoint().await.unwrap();
    work.cascade("shelves", 1).await;
    work.add("shelves", values![id: 2]).await;
    work.rollback_to(savepoint).await.unwrap();
    work.add("shelves", values![id: 3]).await;
    work.save().await;
    let shelves: Vec<_> = world.committed().await["shelves"].iter().map(|row| row[0].clone()).collect();
    assert_eq!(shelves, [1.into(), 3.into()]);
    assert_eq!(work.live("shelves").await, [1, 3]);
}

/// The outer one still undoes what the inner one kept.
pub async fn savepoints_nest(world: World) {
    let mut work = world.work();
    let outer = work.savepoint().await.unwrap();
    work.add("shelves", values![id: 1]).await;
    let inner = work.savepoint().await.unwrap();
    work.add("shelves", values![id: 2]).await;
    work.release(inner).await.unwrap();
    assert_eq!(work.live("shelves").await, [1, 2]);
    work.rollback_to(outer).await.unwrap();
    assert_eq!(work.live("shelves").await, Vec::<i64>::new());
    let error = work.release(inner).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Session);
}

/// It ended with its transaction.
pub async fn a_savepoint_of_a_committed_transaction_is_refused(world: World) {
    let mut work = world.work();
    let savepoint = work.savepoint().await.unwrap();
    work.add("shelves", values![id: 1]).await;
    work.save().await;
    assert_eq!(work.rollback_to(savepoint).await.unwrap_err().kind(), Kind::Session);
    assert_eq!(work.live("shelves").await, [1]);
}

/// A failed statement in the middle does not cost the work around it.
pub async fn a_failed_verb_leaves_the_transaction_usable(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    work.try_add("shelves", values![id: 1]).await.unwrap_err();
    work.try_add("books", values![id: 1, shelf_id: 99]).await.unwrap_err();
    work.change("shelves", 99, values![label: "x"]).await.unwrap_err();
    work.add("shelves", values![id: 2]).await;
    work.save().await;
    assert_eq!(work.live("shelves").await, [1, 2]);
}

/// The next writer must not wait for it.
pub async fn a_failed_first_write_leaves_no_transaction(world: World) {
    let mut work = world.work();
    work.try_add("books", values![id: 1, shelf_id: 99]).await.unwrap_err();
    assert!(!work.in_transaction());
    work.try_add("shelves", values![nothing: 1].into_iter().filter(|_| false).collect()).await.unwrap();
}

/// Nothing of it is there; the session goes on.
pub async fn a_commit_that_fails_has_rolled_back(world: World) {
    for how in [How::Refuse, How::Break] {
        let mut work = world.work();
        work.add("shelves", values![id: 1]).await;
        world.log().arm(Fault::Commit, how);
        work.commit().await.unwrap_err();
        assert!(!work.in_transaction() && world.committed().await.is_empty(), "{how:?}");
        assert_eq!(work.live("shelves").await, Vec::<i64>::new());
    }
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    work.save().await;
    assert_eq!(work.live("shelves").await, [1]);
}

/// Another writer waits for its end, so that a value that was read may be written back.
pub async fn a_transaction_that_is_begun_reads_what_nobody_else_can_change(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    work.save().await;
    assert!(work.begin().await.unwrap());
    assert!(work.in_transaction());
    assert_eq!(work.live("shelves").await, [1]);
    let mut other = world.work();
    {
        let mut waiting = std::pin::pin!(other.add("shelves", values![id: 2]));
        let waits = std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx).is_pending()));
        assert!(waits.await, "the turn is taken");
        work.add("shelves", values![id: 3]).await;
        work.save().await;
        waiting.await;
    }
    other.save().await;
    assert_eq!(work.live("shelves").await, [1, 2, 3]);
}

/// A second call finds it open, and a savepoint lies in it.
pub async fn a_transaction_is_begun_once(world: World) {
    let mut work = world.work();
    assert!(work.begin().await.unwrap());
    assert!(!work.begin().await.unwrap());
    work.add("shelves", values![id: 1]).await;
    let savepoint = work.savepoint().await.unwrap();
    work.add("shelves", values![id: 2]).await;
    work.rollback_to(savepoint).await.unwrap();
    assert!(!work.begin().await.unwrap());
    work.save().await;
    assert_eq!(work.live("shelves").await, [1]);
}

/// The session goes on.
pub async fn a_begin_that_fails_changes_nothing(world: World) {
    let mut work = world.work();
    for how in [How::Refuse, How::Break, How::LoseAnswer] {
        world.log().arm(Fault::Begin, how);
        work.try_add("shelves", values![id: 1]).await.unwrap_err();
        assert!(!work.in_transaction(), "{how:?}");
        world.log().arm(Fault::Begin, how);
        work.begin().await.unwrap_err();
        assert!(!work.in_transaction(), "{how:?}");
    }
    work.add("shelves", values![id: 1]).await;
    work.save().await;
    assert_eq!(world.committed().await["shelves"].len(), 1);
}

/// Nor a turn that other writers wait for; work that was there stays.
pub async fn a_savepoint_that_fails_leaves_no_transaction(world: World) {
    let mut work = world.work();
    world.log().arm(Fault::Statement(1), How::Refuse);
    work.savepoint().await.unwrap_err();
    assert!(!work.in_transaction());
    work.add("shelves", values![id: 1]).await;
    world.log().arm(Fault::Statement(1), How::Refuse);
    work.savepoint().await.unwrap_err();
    work.save().await;
    assert_eq!(work.live("shelves").await, [1]);
}
