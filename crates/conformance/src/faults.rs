//! One verb, a fault at each of its statements in turn: it fails whole, and costs nothing else.

use crate::content::Content;
use crate::instrumented::{Fault, How};
use crate::{Work, World, values};
use reprieve_core::error::{Kind, Result};

/// Lets each statement of the verb fail in each way, in a transaction of its own and in one that has work in it.
pub async fn sweep(world: &World, verb: impl AsyncFn(&mut Work) -> Result<()>) {
    for how in How::FAILURES {
        for earlier in [false, true] {
            let mut statements = 0;
            while at(world, Fault::Statement(statements + 1), how, earlier, &verb).await {
                statements += 1;
            }
            assert!(statements >= 1, "the verb runs statements");
        }
        at(world, Fault::Begin, how, false, &verb).await;
    }
}

/// One fault; `false` when the verb has no such call.
async fn at(
    world: &World,
    fault: Fault,
    how: How,
    earlier: bool,
    verb: &impl AsyncFn(&mut Work) -> Result<()>,
) -> bool {
    let context = format!("{fault:?}, {how:?}, earlier work: {earlier}");
    let before = world.committed().await;
    let mut work = world.work();
    if earlier {
        work.add("shelves", values![id: 1000]).await;
    }
    let inside = work.content().await;
    world.log().arm(fault, how);
    let result = verb(&mut work).await;
    if world.log().disarm() {
        result.unwrap_or_else(|error| panic!("{context}: no fault, yet {error:?}"));
        return false;
    }
    result.expect_err(&context);
    if how == How::Refuse && earlier {
        assert_eq!(work.content().await, inside, "{context}: what the transaction holds");
        work.save().await;
        assert_eq!(world.committed().await, inside, "{context}: what was committed");
        work.gone("shelves", 1000).await.unwrap();
        work.save().await;
    }
    settle(world, work, &before, &context).await;
    true
}

/// The session is usable, or says why not and is after a rollback; the database is as before.
async fn settle(world: &World, mut work: Work, before: &Content, context: &str) {
    match work.commit().await {
        Ok(()) => {}
        Err(error) => {
            assert_eq!(error.kind(), Kind::Session, "{context}: {error:?}");
            assert!(!error.to_string().contains("cancelled"), "{context}: {error}");
            work.rollback().await.unwrap();
        }
    }
    assert_eq!(world.committed().await, *before, "{context}: what was committed");
    assert_eq!(work.content().await, *before, "{context}: what the session sees");
    work.add("shelves", values![id: 1001]).await;
    work.rollback().await.unwrap();
}
