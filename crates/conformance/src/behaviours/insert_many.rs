//! Rows added by one call.

use crate::content::Rows;
use crate::faults::sweep;
use crate::{Work, World, values};
use reprieve_core::error::{Kind, Result};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use reprieve_engine::PlanSink;
use reprieve_engine::audit::Actor;
use std::sync::Arc;

impl PlanSink for Rows {
    fn keep(&mut self) {}
}

type Named = Vec<(&'static str, Value)>;

async fn add_all(work: &mut Work, table: &str, rows: Vec<Named>) -> Result<Vec<Vec<Value>>> {
    let table = work.table(table);
    let kinds = table.visible_columns().map(|i| table.columns[i].kind().clone()).collect();
    let mut sink = Rows { kinds, rows: Vec::new() };
    let rows = rows.into_iter().map(|row| at(&table, row)).collect();
    work.insert_many(&table, rows, &Actor::default(), Some(&mut sink)).await?;
    Ok(sink.rows)
}

fn at(table: &Arc<Table>, row: Named) -> Vec<(usize, Value)> {
    row.into_iter().map(|(name, value)| (table.position(name).unwrap(), value)).collect()
}

fn labels(rows: &[Vec<Value>]) -> Vec<&Value> {
    rows.iter().map(|row| &row[1]).collect()
}

/// Whatever the database does inside: faces pair them by their place.
pub async fn rows_come_back_in_the_order_in_which_they_were_given(world: World) {
    let mut work = world.work();
    let label = |n: i64| Value::from(format!("{}", (n * 7919) % 1000));
    let rows: Vec<Named> = (0..1000).map(|n| vec![("label", label(n))]).collect();
    let made = add_all(&mut work, "shelves", rows).await.unwrap();
    let expected: Vec<Value> = (0..1000).map(label).collect();
    assert_eq!(labels(&made), expected.iter().collect::<Vec<_>>());
    let keys: Vec<i64> = (1..=1000).collect();
    assert_eq!(work.live("shelves").await, keys);
}

/// What a row leaves out takes its default, or is NULL; keys are given or made.
pub async fn rows_of_different_columns_are_added_together(world: World) {
    let mut work = world.work();
    let rows = vec![values![], values![label: "a"], values![id: 7], values![label: "b", id: 3], values![]];
    let made = add_all(&mut work, "shelves", rows).await.unwrap();
    assert_eq!(made.len(), 5);
    assert_eq!(labels(&made), [&Value::Null, &"a".into(), &Value::Null, &"b".into(), &Value::Null]);
    assert_eq!((&made[2][0], &made[3][0]), (&Value::Int(7), &Value::Int(3)));
    let made = add_all(&mut work, "shelves", vec![values![]; 3]).await.unwrap();
    assert_eq!(made.len(), 3);
    let table = work.table("tickets");
    work.add("users", values![id: 1, name: "ada"]).await;
    let rows = vec![Vec::new(), at(&table, vec![("assignee_id", Value::Null)])];
    work.insert_many(&table, rows, &Actor::default(), None).await.unwrap();
    assert_eq!(work.column("tickets", "assignee_id").await, [Value::Int(1), Value::Null]);
}

/// Not even a transaction.
pub async fn adding_no_rows_is_nothing(world: World) {
    let mut work = world.work();
    assert!(add_all(&mut work, "shelves", vec![]).await.unwrap().is_empty());
    assert!(!work.in_transaction());
}

/// All are checked before anything is written; the error says which row it is about.
pub async fn one_row_that_does_not_fit_refuses_all(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    work.save().await;
    let before = world.committed().await;
    let good = values![name: "bob"];
    let refused = add_all(&mut work, "users", vec![good.clone(), values![email: "b@x"]]).await.unwrap_err();
    assert_eq!((refused.kind(), refused.context().field().as_deref()), (Kind::InvalidValue, Some("name")));
    assert!(refused.to_string().starts_with("row 1: User.name"), "{refused}");
    let now = world.clock.next();
    let marker = values![name: "eve", deleted_at: now];
    let refused = add_all(&mut work, "users", vec![marker, good.clone()]).await.unwrap_err();
    assert!(refused.to_string().starts_with("row 0: User.deleted_at"), "{refused}");
    assert!(!work.in_transaction());
    let orphan = vec![values![id: 1, user_id: 1], values![id: 2, user_id: 9]];
    let refused = add_all(&mut work, "posts", orphan).await.unwrap_err();
    let context = refused.context();
    assert_eq!((refused.kind(), context.field().as_deref()), (Kind::ConstraintViolation, Some("user_id")));
    assert_eq!(context.value.as_deref(), Some("9"));
    assert!(refused.to_string().starts_with("row 1: Post.user_id=9"), "{refused}");
    assert_eq!(world.committed().await, before);
}

/// By the value that would have been there twice: with a row of the table, or with another one of the call.
pub async fn a_taken_key_among_many_rows_is_named(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    work.add("users", values![id: 2, name: "old", email: "old@x"]).await;
    work.delete("users", 2).await;
    work.add("posts", values![id: 1, user_id: 1, slug: "one"]).await;
    work.save().await;
    let before = world.committed().await;
    let user = |email: &'static str| values![name: "eve", email: email];
    let cases: [(&str, Vec<Named>, &str, &str); 5] = [
        ("users", vec![user("b@x"), user("old@x"), user("a@x"), user("b@x")], "email", "a@x"),
        ("users", vec![user("b@x"), user("c@x"), user("b@x"), user("a@x")], "email", "b@x"),
        ("users", vec![values![id: 5, name: "eve"], values![id: 2, name: "eve"]], "id", "2"),
        ("users", vec![values![id: 5, name: "eve"], values![id: 5, name: "eve"]], "id", "5"),
        (
            "posts",
            vec![values![user_id: 1, slug: "two"], values![slug: "one"], values![user_id: 1, slug: "one"]],
            "user_id, slug",
            "1, one",
        ),
    ];
    for (table, rows, field, value) in cases {
        let error = add_all(&mut work, table, rows).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        let context = error.context();
        assert_eq!(
            (context.field().as_deref(), context.value.as_deref()),
            (Some(field), Some(value)),
            "{error:?}"
        );
        work.save().await;
        assert_eq!(world.committed().await, before);
    }
}

/// As for one row.
pub async fn no_row_of_many_is_added_under_a_parent_taken_by_a_cascade(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
    }
    work.cascade("users", 2).await;
    let before = work.content().await;
    let rows = vec![values![user_id: 1], values![user_id: 1], values![user_id: 2]];
    let refused = add_all(&mut work, "posts", rows).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::ConstraintViolation);
    assert_eq!(
        (refused.context().field().as_deref(), refused.context().value.as_deref()),
        (Some("user_id"), Some("2"))
    );
    assert!(refused.to_string().starts_with("row 2: Post.user_id=2"), "{refused}");
    assert_eq!(work.content().await, before);
}

/// Set by set.
pub async fn each_of_many_rows_added_is_in_the_log(world: World) {
    let mut work = world.work();
    let rows: Vec<Named> = (1..=3).map(|n| vec![("title", Value::from(format!("t{n}")))]).collect();
    let table = work.table("articles");
    let plain = rows.iter().map(|row| at(&table, row.clone())).collect();
    let actor = Actor { user_id: Some("7".into()), extra: None };
    let now = world.clock.next();
    work.insert_many(&table, plain, &actor, None).await.unwrap();
    let log = work.content().await.remove("audit_logs").unwrap();
    let ids: Vec<Value> = (1..=3).map(|n: i64| n.to_string().into()).collect();
    assert_eq!(log.iter().map(|row| row[2].clone()).collect::<Vec<_>>(), ids);
    for row in &log {
        assert_eq!(row[3..6], ["CREATE".into(), "7".into(), now.into()]);
    }
    let Value::Json(snapshot) = &log[2][7] else { panic!("{log:?}") };
    assert!(snapshot.contains("\"t3\""), "{snapshot}");
    add_all(&mut work, "articles", rows).await.unwrap();
    assert_eq!(work.content().await["audit_logs"].len(), 6);
}

/// One row or a thousand, audited and under parents.
pub async fn many_rows_are_added_by_the_same_number_of_statements(world: World) {
    let mut counts = Vec::new();
    for rows in [1, 1000] {
        let mut work = world.work();
        work.add("articles", values![id: 1, title: "one"]).await;
        world.log().take();
        add_all(&mut work, "notes", vec![values![article_id: 1]; rows]).await.unwrap();
        counts.push(world.log().take().len());
        work.rollback().await.unwrap();
    }
    assert_eq!(counts[0], counts[1]);
}

/// More values than a statement takes.
pub async fn any_number_of_rows_can_be_added(world: World) {
    let mut work = world.work();
    let most = world.most_binds() as i64;
    let rows = (1..=most + 10).map(|key| vec![("id", Value::from(key)), ("label", "x".into())]).collect();
    let made = add_all(&mut work, "shelves", rows).await.unwrap();
    let keys: Vec<Value> = made.into_iter().map(|mut row| row.swap_remove(0)).collect();
    assert!(keys.iter().eq((1..=most + 10).map(Value::from).collect::<Vec<_>>().iter()));
    let twice = (most..=most + 11).rev().map(|key| vec![("id", Value::from(key))]).collect();
    let error = add_all(&mut work, "shelves", twice).await.unwrap_err();
    assert_eq!(error.context().value, Some((most + 10).to_string()));
}

/// With a parent and the log.
pub async fn a_fault_while_many_rows_are_added_leaves_nothing(world: World) {
    let mut work = world.work();
    work.add("articles", values![id: 1, title: "one"]).await;
    work.save().await;
    sweep(&world, async |work| {
        let rows = vec![values![id: 1000, article_id: 1], values![article_id: 1]];
        add_all(work, "notes", rows).await.map(drop)
    })
    .await;
}
