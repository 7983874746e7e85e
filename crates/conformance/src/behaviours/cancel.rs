//! A verb that is given up half-way takes its transaction back.

use crate::instrumented::{Fault, How};
use crate::runtime::poll_once;
use crate::{Work, World, cascading, values};
use reprieve_core::error::Kind;
use std::pin::pin;
use std::task::Poll;

/// Gives a cascade up at its nth statement; `false` when it has fewer.
async fn cancelled(world: &World, work: &mut Work, n: usize) -> bool {
    world.log().arm(Fault::Statement(n), How::Hang);
    let mut verb = pin!(work.try_delete("shelves", 1, cascading()));
    // What runs on another thread is waited for; the hanging statement never ends.
    let done = std::future::poll_fn(|cx| match verb.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending if !world.log().is_armed() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    match done.await {
        None => true,
        Some(result) => {
            result.unwrap();
            world.log().disarm();
            false
        }
    }
}

/// At every statement: nothing is committed, the session says why, and works after a rollback.
pub async fn a_cancelled_verb_rolls_its_transaction_back(world: World) {
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    work.add("books", values![id: 1, shelf_id: 1]).await;
    work.save().await;
    let before = world.committed().await;
    for n in 1.. {
        work.add("shelves", values![id: 100]).await;
        if !cancelled(&world, &mut work, n).await {
            assert!(n > 3, "a cascade has several statements");
            break;
        }
        let error = work.commit().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Session);
        assert!(error.to_string().contains("cancelled"), "{error}");
        assert_eq!(world.committed().await, before, "statement {n}");
        work.rollback().await.unwrap();
        assert_eq!(work.content().await, before, "statement {n}");
    }
}

/// Nobody waits for a turn that a cancelled caller holds.
pub async fn a_cancelled_begin_or_commit_frees_the_turn(world: World) {
    let mut work = world.work();
    for fault in [Fault::Begin, Fault::Commit] {
        world.log().arm(fault, How::Hang);
        match fault {
            Fault::Begin => {
                work.live("shelves").await;
                assert!(poll_once(pin!(work.try_add("shelves", values![id: 1]))).is_pending());
            }
            _ => {
                work.add("shelves", values![id: 1]).await;
                assert!(poll_once(pin!(work.commit())).is_pending());
            }
        }
        assert!(!world.log().is_armed(), "{fault:?}");
        let mut other = world.work();
        other.add("shelves", values![id: 2]).await;
        other.rollback().await.unwrap();
        work.rollback().await.unwrap();
        assert!(world.committed().await.is_empty(), "{fault:?}");
    }
}

/// It has no transaction: the session does not mind.
pub async fn a_cancelled_read_outside_a_transaction_costs_nothing(world: World) {
    let mut work = world.work();
    work.live("shelves").await;
    world.log().arm(Fault::Statement(1), How::Hang);
    assert!(poll_once(pin!(work.live("shelves"))).is_pending());
    work.add("shelves", values![id: 1]).await;
    work.save().await;
    assert_eq!(work.live("shelves").await, [1]);
}
