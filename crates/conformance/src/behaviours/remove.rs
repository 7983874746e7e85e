//! The physical end of a row: the database follows the relations.

use crate::{World, values};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;

/// Whether the row was there.
pub async fn removing_says_whether_the_row_was_there(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    assert!(work.gone("users", 1).await.unwrap());
    assert!(!work.gone("users", 1).await.unwrap());
    assert_eq!(work.column("users", "id").await, []);
}

/// Deleted children too; SET NULL clears.
pub async fn removing_takes_children_as_on_delete_declares(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for key in 1..=2 {
        work.add("posts", values![id: key, user_id: 1]).await;
        work.add("comments", values![id: key, post_id: key]).await;
    }
    work.add("memberships", values![id: 1, user_id: 1]).await;
    work.add("logs", values![id: 1, user_id: 1]).await;
    work.delete("posts", 1).await;
    assert!(work.gone("users", 1).await.unwrap());
    for table in ["users", "posts", "comments", "logs"] {
        assert_eq!(work.column(table, "id").await, [], "{table}");
    }
    assert_eq!(work.column("memberships", "user_id").await, [Value::Null]);
}

/// A deleted child is a row all the same: the database would lose its parent.
pub async fn a_child_that_restricts_forbids_removal(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("invoices", values![id: 1, user_id: 1]).await;
    for _ in ["live", "deleted"] {
        let before = work.content().await;
        let error = work.gone("users", 1).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ConstraintViolation | Kind::Restricted), "{error:?}");
        assert_eq!(work.content().await, before);
        work.delete("invoices", 1).await;
    }
}

/// The deletion still undoes what is left of it.
pub async fn removing_a_deleted_row_leaves_the_rest_of_its_deletion(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for key in 1..=2 {
        work.add("posts", values![id: key, user_id: 1]).await;
        work.add("pins", values![id: key, post_id: key]).await;
    }
    let deletion = work.cascade("users", 1).await;
    assert!(work.gone("posts", 1).await.unwrap());
    assert_eq!(work.back(&deletion).await.rows(), 2);
    assert_eq!(work.live("posts").await, [2]);
    assert_eq!(work.column("pins", "post_id").await, [Value::Null, Value::Int(2)]);
}
