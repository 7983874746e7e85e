//! Making and dropping the tables.

use crate::runtime::block_on;
use crate::{World, values};
use reprieve_core::error::Kind;
use std::thread;

/// What is there stays, rows included.
pub async fn creating_tables_twice_changes_nothing(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.delete("users", 1).await;
    work.save().await;
    let before = world.committed().await;
    world.database.create_tables(None).await.unwrap();
    assert_eq!(world.committed().await, before);
}

/// Several servers start at once.
pub async fn two_threads_create_the_tables_at_once(world: World) {
    world.database.drop_tables(None).await.unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| block_on(world.database.create_tables(None)).unwrap());
        }
    });
    world.work().add("users", values![id: 1, name: "ada"]).await;
}

/// All of them, or none.
pub async fn a_failed_creation_creates_nothing(world: World) {
    use crate::instrumented::{Fault, How};
    world.database.drop_tables(None).await.unwrap();
    world.log().arm(Fault::Statement(9), How::Refuse);
    world.database.create_tables(None).await.unwrap_err();
    let error = world.work().try_add("users", values![id: 1, name: "ada"]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::MissingTable);
    world.database.create_tables(None).await.unwrap();
}

/// Those that are dropped are gone with their rows.
pub async fn dropped_tables_come_back_empty(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.delete("users", 1).await;
    work.save().await;
    drop(work);
    world.database.drop_tables(None).await.unwrap();
    world.database.create_tables(None).await.unwrap();
    assert!(world.committed().await.is_empty());
}

/// Where no model is audited, it is created when it is asked for.
pub async fn the_log_can_be_created_by_name(world: World) {
    world.database.drop_tables(None).await.unwrap();
    let names = ["audit_logs".to_owned()];
    world.database.create_tables(Some(&names)).await.unwrap();
    assert!(world.work().column("audit_logs", "id").await.is_empty());
    world.database.drop_tables(Some(&names)).await.unwrap();
    world.database.create_tables(None).await.unwrap();
}

/// With the way out.
pub async fn a_closed_database_refuses_sessions(world: World) {
    let mut open = world.work();
    world.database.close().await.unwrap();
    world.database.close().await.unwrap();
    assert_eq!(world.database.session().unwrap_err().kind(), Kind::Session);
    assert_eq!(open.try_add("shelves", values![id: 1]).await.unwrap_err().kind(), Kind::Session);
}
