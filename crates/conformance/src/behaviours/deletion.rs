//! A deletion is a thing: a journal row, one instant, and its id in each row it took.

use crate::{World, cascading, values};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Roots};

/// The receipt, the row and the journal tell the same.
pub async fn a_deletion_has_a_receipt_a_marker_and_a_journal_row(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("users", values![id: 2, name: "bob"]).await;
    let options = Delete { reason: Some("asked for it".into()), ..Delete::default() };
    let actor = Actor { user_id: Some("7".into()), extra: None };
    let users = world.table("users");
    let now = world.clock.next();

    let deletion = work.soft_delete(&users, Roots::Key(1.into()), options, &actor).await.unwrap();

    assert_eq!((deletion.at, deletion.rows(), deletion.marked), (now, 1, true));
    let id = Value::Uuid(deletion.id.into_bytes());
    assert_eq!((work.live("users").await, work.deleted("users").await), (vec![2], vec![1]));
    assert_eq!(work.column("users", "deleted_at").await, [Value::from(now), Value::Null]);
    assert_eq!(work.column("users", "deletion_id").await, [id.clone(), Value::Null]);
    let journal = work.content().await.remove("reprieve_deletions").unwrap();
    let expected: Vec<Value> = vec![
        id,
        now.into(),
        "users".into(),
        Value::Json("[1]".into()),
        "7".into(),
        "asked for it".into(),
        false.into(),
        Value::Null,
    ];
    assert_eq!(journal, [expected]);
}

/// Ids sort by time.
pub async fn the_id_is_a_uuid_of_version_seven(world: World) {
    let mut work = world.work();
    let mut ids = Vec::new();
    for key in 1..=3 {
        work.add("users", values![id: key, name: "ada"]).await;
        ids.push(work.delete("users", key).await.id);
    }
    assert!(ids.is_sorted() && ids.iter().all(|id| id.get_version_num() == 7), "{ids:?}");
}

/// Zero rows, nothing written, no journal row.
pub async fn a_second_delete_changes_nothing_and_says_so(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 10, user_id: 1]).await;
    work.cascade("users", 1).await;
    let before = work.content().await;
    for options in [Delete::default(), cascading()] {
        let again = work.try_delete("users", 1, options).await.unwrap();
        assert_eq!((again.rows(), again.marked), (0, false));
        assert_eq!(work.content().await, before);
    }
}

/// As a second delete.
pub async fn deleting_a_row_that_is_not_there_changes_nothing(world: World) {
    let mut work = world.work();
    let before = work.content().await;
    assert_eq!(work.cascade("users", 99).await.rows(), 0);
    assert_eq!(work.content().await, before);
}

/// One instant, one id, one journal row that names them all.
pub async fn rows_deleted_by_one_call_are_one_deletion(world: World) {
    let mut work = world.work();
    for key in 1..=4 {
        work.add("users", values![id: key, name: "ada"]).await;
    }
    work.delete("users", 2).await;
    let users = world.table("users");
    let keys = Roots::Keys(vec![1.into(), 2.into(), 3.into(), 99.into()]);
    let deletion = work.soft_delete(&users, keys, Delete::default(), &Actor::default()).await.unwrap();
    assert_eq!(deletion.rows(), 2);
    let ids = work.column("users", "deletion_id").await;
    assert_eq!(ids[0], Value::Uuid(deletion.id.into_bytes()));
    assert_eq!(ids[0], ids[2]);
    assert_ne!(ids[0], ids[1], "it was deleted before, for its own reason");
    assert_eq!(work.live("users").await, [4]);
    let roots = work.column("reprieve_deletions", "root_keys").await;
    assert_eq!(roots[1], Value::Json("[1,3]".into()));
}

/// What the document does with `delete_reason`.
pub async fn a_soft_delete_writes_other_changed_columns_too(world: World) {
    let mut work = world.work();
    work.add("posts", values![id: 1, title: "old"]).await;
    let title = world.table("posts").position("title").unwrap();
    let options = Delete { changes: vec![(title, "new".into())], ..Delete::default() };
    work.try_delete("posts", 1, options).await.unwrap();
    assert_eq!(work.column("posts", "title").await, ["new".into()]);
    assert_eq!(work.deleted("posts").await, [1]);
}

/// Keys of other types work as integers do.
pub async fn a_row_with_a_uuid_key_is_deleted_and_restored(world: World) {
    let mut work = world.work();
    let key = Value::Uuid(*b"0123456789abcdef");
    work.add("devices", vec![("id", key.clone()), ("name", "lamp".into())]).await;
    work.add("readings", vec![("id", 1.into()), ("device_id", key.clone())]).await;
    let before = work.content().await;
    let (devices, actor) = (world.table("devices"), Actor::default());
    let deletion = work.soft_delete(&devices, Roots::Key(key.clone()), cascading(), &actor).await.unwrap();
    assert_eq!(deletion.rows(), 2);
    assert_eq!(
        work.column("reprieve_deletions", "root_keys").await,
        [Value::Json("[\"30313233-3435-3637-3839-616263646566\"]".into())]
    );
    let again = work.soft_delete(&devices, Roots::Key(key), cascading(), &actor).await.unwrap();
    assert_eq!(again.rows(), 0);
    work.back(&deletion).await;
    let after = work.content().await;
    assert_eq!((&after["devices"], &after["readings"]), (&before["devices"], &before["readings"]));
}
