//! A deleted row is invisible, unless asked for.

use crate::content::{all, rows};
use crate::{World, values};
use reprieve_core::query::{Expr, Predicate, Select, Source, Visibility};
use reprieve_core::value::Value;

/// Rows, counts, sub-queries: each reference to a table has its own rows.
pub async fn every_reference_to_a_table_sees_the_rows_it_asks_for(world: World) {
    let mut work = world.work();
    for key in 1..=3 {
        work.add("users", values![id: key, name: "ada"]).await;
        work.add("posts", values![id: key, user_id: key]).await;
    }
    work.delete("users", 1).await;
    work.delete("posts", 3).await;
    let (users, posts) = (world.table("users"), world.table("posts"));
    for (visibility, count) in [(Visibility::Live, 2), (Visibility::Deleted, 1), (Visibility::Any, 3)] {
        let source = Source::new(0, &users, visibility);
        let counted = rows(&mut work, Select::columns(source, vec![Expr::Count])).await.unwrap();
        assert_eq!(counted, [[Value::Int(count)]], "{visibility:?}");
    }
    for (outer, inner, keys) in [
        (Visibility::Live, Visibility::Live, vec![2]),
        (Visibility::Live, Visibility::Any, vec![2, 3]),
        (Visibility::Any, Visibility::Live, vec![1, 2]),
        (Visibility::Deleted, Visibility::Live, vec![1]),
        (Visibility::Live, Visibility::Deleted, vec![3]),
    ] {
        let post = Source::new(1, &posts, inner);
        let author = post.column(posts.position("user_id").unwrap());
        let user = Source::new(0, &users, outer);
        let select = Select::columns(user.clone(), vec![user.key()])
            .filter(Predicate::InSelect(user.key(), Box::new(Select::columns(post, vec![author]))))
            .order_by(reprieve_core::query::Order::ascending(user.key()));
        let keys: Vec<Vec<Value>> = keys.into_iter().map(|key: i64| vec![key.into()]).collect();
        assert_eq!(rows(&mut work, select).await.unwrap(), keys, "{outer:?} {inner:?}");
    }
}

/// Each statement sees what is committed; there is no transaction to hold it back.
pub async fn a_read_outside_a_transaction_sees_the_latest_commit(world: World) {
    let (mut reader, mut writer) = (world.work(), world.work());
    assert_eq!(reader.live("shelves").await, Vec::<i64>::new());
    writer.add("shelves", values![id: 1]).await;
    assert_eq!(reader.live("shelves").await, Vec::<i64>::new());
    writer.save().await;
    assert_eq!(reader.live("shelves").await, [1]);
    writer.delete("shelves", 1).await;
    assert_eq!(reader.live("shelves").await, [1]);
    assert!(!reader.in_transaction());
    writer.save().await;
    assert_eq!(reader.live("shelves").await, Vec::<i64>::new());
}

/// A reader never waits for the writer.
pub async fn reads_go_on_beside_an_open_writer(world: World) {
    let mut writer = world.work();
    writer.add("shelves", values![id: 1]).await;
    let mut readers: Vec<_> = (0..4).map(|_| world.work()).collect();
    for reader in &mut readers {
        assert_eq!(reader.live("shelves").await, Vec::<i64>::new());
    }
    writer.save().await;
}

/// What a sink says becomes the result, and costs nothing else.
pub async fn an_error_of_the_sink_is_the_result_of_the_read(world: World) {
    struct Refusing;
    impl reprieve_core::driver::RowSink for Refusing {
        fn row(&mut self, _: &dyn reprieve_core::driver::Row) -> reprieve_core::Result<()> {
            Err(reprieve_core::Error::new(reprieve_core::error::Kind::Sink, "no"))
        }
        fn restart(&mut self) {}
    }
    let mut work = world.work();
    work.add("shelves", values![id: 1]).await;
    let shelves = world.table("shelves");
    for _ in ["in the transaction", "outside"] {
        let error = work.select(all(&shelves), &mut Refusing).await.unwrap_err();
        assert_eq!(error.kind(), reprieve_core::error::Kind::Sink);
        work.save().await;
        assert_eq!(work.live("shelves").await, [1]);
    }
}
