//! Unique means unique among live rows.

use crate::{World, values};
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::Roots;

/// A deleted row keeps its key without holding it.
pub async fn a_key_is_free_once_its_row_is_deleted(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    let taken = work.try_add("users", values![id: 2, name: "eve", email: "a@x"]).await.unwrap_err();
    assert!(taken.is_unique_violation(), "{taken:?}");
    let context = taken.context();
    assert_eq!((context.model.as_deref(), context.field().as_deref()), (Some("User"), Some("email")));
    work.delete("users", 1).await;
    work.add("users", values![id: 2, name: "eve", email: "a@x"]).await;
    work.delete("users", 2).await;
    work.add("users", values![id: 3, name: "eve", email: "a@x"]).await;
    assert_eq!((work.live("users").await, work.deleted("users").await), (vec![3], vec![1, 2]));
}

/// Every conflict is listed, by row and key; nothing is changed.
pub async fn restoring_onto_taken_keys_lists_every_conflict(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for (key, slug) in [(1, "a"), (2, "b"), (3, "c")] {
        work.add("posts", values![id: key, user_id: 1, slug: slug]).await;
    }
    let posts = world.table("posts");
    let keys = Roots::Keys(vec![1.into(), 2.into(), 3.into()]);
    let deletion =
        work.soft_delete(&posts, keys.clone(), Default::default(), &Actor::default()).await.unwrap();
    work.add("posts", values![id: 11, user_id: 1, slug: "a"]).await;
    work.add("posts", values![id: 13, user_id: 1, slug: "c"]).await;
    let before = work.content().await;
    let undone = work.undo(deletion.id, &Actor::default()).await.unwrap_err();
    let restored = work.restore(&posts, keys, Default::default(), &Actor::default()).await.unwrap_err();
    for error in [undone, restored] {
        assert!(error.is_restore_conflict(), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("Post 1 (user_id=1, slug=a)"), "{text}");
        assert!(text.contains("Post 3 (user_id=1, slug=c)") && !text.contains("Post 2"), "{text}");
        assert_eq!(error.context().model.as_deref(), Some("Post"));
    }
    assert_eq!(work.content().await, before);
}

/// In tables below the root too.
pub async fn an_undone_cascade_checks_the_keys_of_children(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    work.add("posts", values![id: 1, user_id: 1, slug: "a"]).await;
    let deletion = work.cascade("users", 1).await;
    work.restore_alone("users", 1).await;
    work.add("posts", values![id: 2, user_id: 1, slug: "a"]).await;
    let error = work.undo(deletion.id, &Actor::default()).await.unwrap_err();
    assert!(error.is_restore_conflict() && error.to_string().contains("Post 1"), "{error:?}");
}

/// NULL is a value that nobody takes.
pub async fn rows_without_a_key_do_not_conflict(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
    }
    work.delete("users", 1).await;
    work.add("users", values![id: 3, name: "ada"]).await;
    work.restore_alone("users", 1).await;
    assert_eq!(work.live("users").await, [1, 2, 3]);
}

/// Both cannot be live: that is a conflict of the restore, not a failure of the database.
pub async fn two_deleted_rows_with_one_key_are_not_restored_together(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada", email: "a@x"]).await;
        work.delete("users", key).await;
    }
    let before = work.content().await;
    let keys = Roots::Keys(vec![1.into(), 2.into()]);
    let error =
        work.restore(&world.table("users"), keys, Default::default(), &Actor::default()).await.unwrap_err();
    assert!(error.is_restore_conflict(), "{error:?}");
    assert_eq!(work.content().await, before);
    work.restore_alone("users", 2).await;
    assert_eq!(work.live("users").await, [2]);
}
