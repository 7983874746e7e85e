//! A direct delete of a row that a cascade took makes it the direct deletion's own.

use crate::{World, cascading, values};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::Roots;

/// Its instant stays; undoing the cascade leaves it deleted.
pub async fn a_row_that_a_cascade_took_is_claimed_by_a_direct_delete(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    for key in 1..=2 {
        work.add("posts", values![id: key, user_id: 1]).await;
    }
    let cascade = work.cascade("users", 1).await;
    let own = work.delete("posts", 2).await;
    assert_eq!((own.rows(), own.marked), (1, false));
    assert_eq!(work.column("posts", "deleted_at").await, [Value::from(cascade.at), cascade.at.into()]);
    assert_eq!(work.column("posts", "deletion_id").await[1], Value::Uuid(own.id.into_bytes()));
    assert_eq!(work.back(&cascade).await.rows(), 2);
    assert_eq!((work.live("posts").await, work.deleted("posts").await), (vec![1], vec![2]));
    work.back(&own).await;
    assert_eq!(work.live("posts").await, [1, 2]);
}

/// The cascade is still in force.
pub async fn undoing_the_claim_first_gives_the_row_back_to_the_cascade(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    let cascade = work.cascade("users", 1).await;
    let own = work.delete("posts", 1).await;
    let done = work.back(&own).await;
    assert_eq!((done.rows(), done.handed_over.len()), (0, 1));
    assert_eq!(work.live("posts").await, Vec::<i64>::new());
    assert_eq!(work.back(&cascade).await.rows(), 2);
    assert_eq!(work.live("posts").await, [1]);
}

/// Once claimed, a row is its deletion's own.
pub async fn a_claimed_row_is_not_claimed_again(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.cascade("users", 1).await;
    for first in [true, false, false] {
        assert_eq!(work.cascade("posts", 1).await.rows(), u64::from(first));
    }
}

/// A root that also is another root's child was named by its caller.
pub async fn a_root_of_the_cascade_is_not_claimed(world: World) {
    let mut work = world.work();
    work.add("comments", values![id: 1]).await;
    work.add("comments", values![id: 2, parent_id: 1]).await;
    let keys = Roots::Keys(vec![1.into(), 2.into()]);
    work.soft_delete(&world.table("comments"), keys, cascading(), &Actor::default()).await.unwrap();
    assert_eq!(work.delete("comments", 2).await.rows(), 0);
}

/// The children are under a row that a cascade deleted.
pub async fn children_of_a_claimed_row_follow_a_claim_that_cascades(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    let cascade = work.cascade("users", 1).await;
    let own = work.cascade("posts", 1).await;
    assert_eq!(work.back(&cascade).await.rows(), 1);
    assert_eq!(work.live("comments").await, Vec::<i64>::new());
    assert_eq!(work.back(&own).await.rows(), 2);
    assert_eq!((work.live("posts").await, work.live("comments").await), (vec![1], vec![1]));
}
