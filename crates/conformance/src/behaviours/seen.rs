//! A write says in which state it saw its row, and changes the row in that state only.

use crate::{World, values};
use reprieve_core::error::Kind;
use reprieve_core::query::Visibility;

/// With an audit log and without, alone and with its other changes: nothing is written, noted or logged.
pub async fn what_saw_a_live_row_does_not_change_a_deleted_one(world: World) {
    for table in ["posts", "articles"] {
        let mut work = world.work();
        work.add(table, values![id: 1, title: "a"]).await;
        work.delete(table, 1).await;
        let before = work.content().await;

        let error = work.change(table, 1, values![title: "b"]).await.unwrap_err();

        assert_eq!(error.kind(), Kind::Deleted, "{error}");
        let context = error.context();
        assert_eq!((context.field().as_deref(), context.value.as_deref()), (Some("id"), Some("1")));
        assert!(error.to_string().contains("was deleted after it was read"), "{error}");
        assert_eq!(work.content().await, before);
        work.save().await;
    }
}

/// And the deletion keeps the row.
pub async fn what_saw_a_deleted_row_changes_it_in_the_trash_only(world: World) {
    for table in ["posts", "articles"] {
        let mut work = world.work();
        work.add(table, values![id: 1, title: "a"]).await;
        work.delete(table, 1).await;
        work.change_seen(table, 1, Visibility::Deleted, values![title: "b"]).await.unwrap();
        assert_eq!(work.column(table, "title").await, ["b".into()]);
        assert_eq!(work.deleted(table).await, [1]);

        work.restore_alone(table, 1).await;
        let before = work.content().await;
        let error = work.change_seen(table, 1, Visibility::Deleted, values![title: "c"]).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Deleted, "{error}");
        assert!(error.to_string().contains("was restored after it was read"), "{error}");
        assert_eq!(work.content().await, before);
        work.save().await;
    }
}

/// Whichever state it saw.
pub async fn a_write_to_a_row_that_is_gone_is_not_found(world: World) {
    let mut work = world.work();
    work.add("posts", values![id: 1, title: "a"]).await;
    work.gone("posts", 1).await.unwrap();
    for seen in [Visibility::Live, Visibility::Deleted] {
        let error = work.change_seen("posts", 1, seen, values![title: "b"]).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        assert_eq!(error.to_string(), "Post not found with id=1");
    }
}

/// The deletion of another session counts as soon as it is committed.
pub async fn a_row_that_another_session_deleted_is_not_changed(world: World) {
    world.work().committing(async |work| work.add("posts", values![id: 1, title: "a"]).await).await;
    world.work().committing(async |other| drop(other.delete("posts", 1).await)).await;
    let mut work = world.work();
    let error = work.change("posts", 1, values![title: "b"]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Deleted, "{error}");
    work.save().await;
    let after = world.committed().await;
    assert!(after["posts"][0].contains(&"a".into()), "{after:?}");
}

/// A row that was restored is not destroyed by what took it from the trash; one that is gone is none.
pub async fn what_saw_a_deleted_row_removes_it_from_the_trash_only(world: World) {
    for table in ["posts", "articles"] {
        let mut work = world.work();
        work.add(table, values![id: 1, title: "a"]).await;
        work.delete(table, 1).await;
        work.restore_alone(table, 1).await;
        let before = work.content().await;
        let error = work.purge(table, 1).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Deleted, "{error}");
        assert_eq!(work.content().await, before);

        work.delete(table, 1).await;
        work.purge(table, 1).await.unwrap();
        assert_eq!(work.column(table, "id").await, []);
        let before = work.content().await;
        work.purge(table, 1).await.unwrap();
        assert_eq!(work.content().await, before);
        work.save().await;
    }
}
