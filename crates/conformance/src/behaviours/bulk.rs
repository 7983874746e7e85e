//! Rows named by a condition.

use crate::{Work, World, cascading, values};
use reprieve_core::query::{Comparison, Expr, Predicate, Source};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Restore, Roots};

async fn users(work: &mut Work) {
    for key in 1..=4 {
        work.add("users", values![id: key, name: if key < 3 { "ada" } else { "bob" }]).await;
        work.add("posts", values![id: key, user_id: key]).await;
    }
}

fn named(world: &World, name: &str) -> Roots {
    let users = world.table("users");
    let column = Source::any(0, &users).column(users.position("name").unwrap());
    Roots::Where(Predicate::Compare(column, Comparison::Equal, Expr::Bind(name.into())))
}

/// One deletion for all of them, whose journal row names each.
pub async fn a_condition_deletes_the_live_rows_that_fulfil_it(world: World) {
    let mut work = world.work();
    users(&mut work).await;
    work.delete("users", 1).await;
    let ada = named(&world, "ada");
    let deletion =
        work.soft_delete(&world.table("users"), ada, cascading(), &Actor::default()).await.unwrap();
    assert_eq!(deletion.rows(), 2, "the one that was live, and its post");
    assert_eq!((work.live("users").await, work.live("posts").await), (vec![3, 4], vec![1, 3, 4]));
    let roots = work.column("reprieve_deletions", "root_keys").await;
    assert_eq!(roots.last(), Some(&Value::Json("[2]".into())));
}

/// They are not live: the condition does not speak of them.
pub async fn a_condition_claims_no_row_that_a_cascade_took(world: World) {
    let mut work = world.work();
    users(&mut work).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    let cascade = work.cascade("posts", 1).await;
    let everything = Roots::Where(Predicate::True);
    let comments = world.table("comments");
    let done = work.soft_delete(&comments, everything, Delete::default(), &Actor::default()).await.unwrap();
    assert_eq!(done.rows(), 0);
    assert_eq!(work.back(&cascade).await.rows(), 2);
}

/// Alone, or with what went with them.
pub async fn a_condition_restores_the_deleted_rows_that_fulfil_it(world: World) {
    for (cascade, posts) in [(false, vec![3, 4]), (true, vec![1, 2, 3, 4])] {
        let mut work = world.work();
        users(&mut work).await;
        let table = world.table("users");
        for name in ["ada", "bob"] {
            let options = Delete { cascade: name == "ada", ..Delete::default() };
            work.soft_delete(&table, named(&world, name), options, &Actor::default()).await.unwrap();
        }
        let options = Restore { cascade, ancestors: false };
        work.restore(&table, named(&world, "ada"), options, &Actor::default()).await.unwrap();
        assert_eq!((work.live("users").await, work.live("posts").await), (vec![1, 2], posts));
        work.rollback().await.unwrap();
    }
}
