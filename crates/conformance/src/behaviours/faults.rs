//! Nothing half done: a fault at any statement of any verb leaves everything as it was.

use crate::faults::sweep;
use crate::{World, cascading, values};
use reprieve_engine::audit::Actor;

async fn library(world: &World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one"]).await;
    work.add("articles", values![id: 2, title: "two"]).await;
    for key in 1..=3 {
        work.add("notes", values![id: key, article_id: 1]).await;
        work.add("stickers", values![id: key, article_id: 1]).await;
    }
    work.save().await;
}

/// With its audit row and the check of its parent.
pub async fn a_fault_in_a_creation_leaves_nothing(world: World) {
    library(&world).await;
    sweep(&world, async |work| work.try_add("notes", values![id: 9, article_id: 1]).await).await;
}

/// A single statement without a savepoint.
pub async fn a_fault_in_a_plain_creation_leaves_nothing(world: World) {
    sweep(&world, async |work| work.try_add("shelves", values![id: 9]).await).await;
}

/// With its audit row.
pub async fn a_fault_in_an_update_leaves_nothing(world: World) {
    library(&world).await;
    sweep(&world, async |work| work.change("articles", 1, values![title: "new"]).await).await;
}

/// With SET NULL and audit rows.
pub async fn a_fault_in_a_cascade_leaves_nothing(world: World) {
    library(&world).await;
    sweep(&world, async |work| work.try_delete("articles", 1, cascading()).await.map(drop)).await;
}

/// With references put back, and rows handed over.
pub async fn a_fault_in_an_undo_leaves_nothing(world: World) {
    library(&world).await;
    let mut work = world.work();
    work.delete("notes", 3).await;
    let deletion = work.cascade("articles", 1).await;
    work.cascade("articles", 2).await;
    work.save().await;
    let undo = async |work: &mut crate::Work| work.undo(deletion.id, &Actor::default()).await.map(drop);
    sweep(&world, undo).await;
}

/// With ancestors.
pub async fn a_fault_in_a_restore_leaves_nothing(world: World) {
    library(&world).await;
    let mut work = world.work();
    work.cascade("articles", 1).await;
    work.save().await;
    let ancestors = reprieve_engine::deletion::Restore { cascade: false, ancestors: true };
    sweep(&world, async |work| work.try_restore("notes", 2, ancestors.clone()).await.map(drop)).await;
}

/// With its audit row.
pub async fn a_fault_in_a_removal_leaves_nothing(world: World) {
    library(&world).await;
    sweep(&world, async |work| work.gone("articles", 1).await.map(drop)).await;
}
