//! Rows changed by one call, each to values of its own.

use crate::faults::sweep;
use crate::{Work, World, values};
use reprieve_core::error::{Kind, Result};
use reprieve_core::value::Value;
use reprieve_engine::audit::Actor;

type Named = Vec<(&'static str, Value)>;

async fn change_all(work: &mut Work, table: &str, rows: Vec<(i64, Named)>) -> Result<u64> {
    let table = work.table(table);
    let at =
        |row: Named| row.into_iter().map(|(name, value)| (table.position(name).unwrap(), value)).collect();
    let rows = rows.into_iter().map(|(key, row)| (Value::from(key), at(row))).collect();
    work.update_many(&table, rows, &Actor::default()).await
}

async fn users(work: &mut Work, rows: i64) {
    for key in 1..=rows {
        let (name, email) = (format!("u{key}"), format!("{key}@x"));
        work.add("users", values![id: key, name: name, email: email]).await;
    }
}

fn texts(list: &[&str]) -> Vec<Value> {
    list.iter().map(|text| Value::from(*text)).collect()
}

/// The others stay as they are.
pub async fn each_row_takes_its_own_values(world: World) {
    let mut work = world.work();
    users(&mut work, 3).await;
    let rows = vec![(3, values![name: "c"]), (1, values![name: "a"])];
    assert_eq!(change_all(&mut work, "users", rows).await.unwrap(), 2);
    assert_eq!(work.column("users", "name").await, texts(&["a", "u2", "c"]));
    assert_eq!(work.column("users", "email").await, texts(&["1@x", "2@x", "3@x"]));
}

/// Each keeps what it does not mention; NULL is mentioned.
pub async fn rows_of_different_columns_are_changed_together(world: World) {
    let mut work = world.work();
    users(&mut work, 4).await;
    let nothing = vec![("email", Value::Null)];
    let rows =
        vec![(1, values![name: "a"]), (2, nothing), (3, values![name: "c", email: "c@x"]), (4, vec![])];
    assert_eq!(change_all(&mut work, "users", rows).await.unwrap(), 3);
    assert_eq!(work.column("users", "name").await, texts(&["a", "u2", "c", "u4"]));
    let emails = ["1@x".into(), Value::Null, "c@x".into(), "4@x".into()];
    assert_eq!(work.column("users", "email").await, emails);
}

/// They are not there.
pub async fn keys_without_a_live_row_are_passed_over(world: World) {
    let mut work = world.work();
    users(&mut work, 2).await;
    work.delete("users", 2).await;
    let rows = (1..=3).map(|key| (key, values![name: "new"])).collect();
    assert_eq!(change_all(&mut work, "users", rows).await.unwrap(), 1);
    assert_eq!(work.column("users", "name").await, texts(&["new", "u2"]));
}

/// As if the changes came one after the other.
pub async fn a_key_that_is_named_twice_takes_what_is_said_last(world: World) {
    let mut work = world.work();
    users(&mut work, 1).await;
    let rows = vec![(1, values![name: "a", email: "a@x"]), (1, values![name: "b"])];
    assert_eq!(change_all(&mut work, "users", rows).await.unwrap(), 1);
    assert_eq!(work.column("users", "name").await, texts(&["b"]));
    assert_eq!(work.column("users", "email").await, texts(&["a@x"]));
}

/// All are checked before anything is written.
pub async fn one_change_that_does_not_fit_refuses_all(world: World) {
    let mut work = world.work();
    users(&mut work, 2).await;
    work.save().await;
    let before = world.committed().await;
    let now = world.clock.next();
    let good = || (1, values![name: "new"]);
    let cases = [
        ("name", vec![good(), (2, vec![("name", Value::Null)])]),
        ("name", vec![good(), (2, values![name: "x".repeat(21)])]),
        ("deleted_at", vec![good(), (2, values![deleted_at: now])]),
        ("id", vec![good(), (2, values![id: 3])]),
    ];
    for (field, rows) in cases {
        let error = change_all(&mut work, "users", rows).await.unwrap_err();
        assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::InvalidValue, Some(field)));
        assert!(error.to_string().starts_with("row 1: "), "{error}");
        assert!(!work.in_transaction());
    }
    assert_eq!(world.committed().await, before);
}

/// The value that would have been there twice is named.
pub async fn a_key_taken_by_one_of_many_changes_is_named(world: World) {
    let mut work = world.work();
    users(&mut work, 4).await;
    work.save().await;
    let before = world.committed().await;
    let email = |key: i64, email: &'static str| (key, values![email: email]);
    for (rows, value) in [
        (vec![email(1, "1@x"), email(2, "new@x"), email(3, "4@x")], "4@x"),
        (vec![email(1, "new@x"), email(2, "new@x"), email(3, "4@x")], "new@x"),
    ] {
        let error = change_all(&mut work, "users", rows).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        assert_eq!(
            (error.context().field().as_deref(), error.context().value.as_deref()),
            (Some("email"), Some(value))
        );
    }
    work.save().await;
    assert_eq!(world.committed().await, before);
}

/// As for one row; a parent that is not there is named too.
pub async fn no_row_of_many_is_moved_under_a_parent_taken_by_a_cascade(world: World) {
    let mut work = world.work();
    users(&mut work, 3).await;
    for key in 1..=2 {
        work.add("posts", values![id: key, user_id: 1]).await;
    }
    work.cascade("users", 2).await;
    let before = work.content().await;
    for (user, word) in [(2, "deleted together"), (9, "there is no User")] {
        let rows = vec![(1, values![user_id: 3]), (2, values![user_id: user])];
        let error = change_all(&mut work, "posts", rows).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.context().field().as_deref()),
            (Kind::ConstraintViolation, Some("user_id"))
        );
        let text = error.to_string();
        assert!(text.starts_with("row 1: Post.user_id") && text.contains(word), "{text}");
    }
    assert_eq!(work.content().await, before);
    let lives = work.lives();
    change_all(&mut work, "posts", vec![(1, values![user_id: 3])]).await.unwrap();
    assert!(work.lives() > lives, "relations that were read before are not what they were");
}

/// One row of the log for each, with its own old and new values; columns that are filled are filled once for all.
pub async fn each_of_many_changes_is_in_the_log(world: World) {
    let mut work = world.work();
    for key in 1..=3 {
        work.add("articles", values![id: key, title: format!("t{key}"), hits: key]).await;
    }
    work.delete("articles", 3).await;
    let written = work.logged_since(0).await.len();
    let now = world.clock.next();
    let rows = vec![(1, values![title: "a"]), (2, values![title: "t2", hits: 9]), (3, values![title: "c"])];
    assert_eq!(change_all(&mut work, "articles", rows).await.unwrap(), 2);
    let log = work.logged_since(written).await;
    let changes: Vec<(Value, Value)> = log.iter().map(|row| (row[2].clone(), row[6].clone())).collect();
    let json = |text: &str| Value::Json(text.into());
    assert_eq!(
        changes,
        [
            ("1".into(), json(r#"{"title":{"new":"a","old":"t1"}}"#)),
            ("2".into(), json(r#"{"hits":{"new":9,"old":2}}"#)),
        ]
    );
    let updated = work.column("articles", "updated_at").await;
    assert_eq!(updated[..2], [now.into(), now.into()]);
    assert_ne!(updated[2], now.into());
}

/// A row that says when it was updated keeps its word.
pub async fn a_filled_column_that_some_rows_give_is_filled_in_the_others(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("articles", values![id: key, title: "t"]).await;
    }
    let (said, now) = (world.clock.next(), world.clock.next());
    let rows = vec![(1, values![title: "a", updated_at: said]), (2, values![title: "b"])];
    change_all(&mut work, "articles", rows).await.unwrap();
    assert_eq!(work.column("articles", "updated_at").await, [said.into(), now.into()]);
}

/// One row or a thousand.
pub async fn many_changes_are_written_by_the_same_statements(world: World) {
    let mut counts = Vec::new();
    for rows in [1, 1000] {
        let mut work = world.work();
        work.add("articles", values![id: 1, title: "one"]).await;
        for key in 1..=rows {
            work.add("notes", values![id: key]).await;
        }
        world.log().take();
        let changes = (1..=rows).map(|key| (key, values![article_id: 1])).collect();
        assert_eq!(change_all(&mut work, "notes", changes).await.unwrap(), rows as u64);
        counts.push(world.log().take().len());
        work.rollback().await.unwrap();
    }
    assert_eq!(counts[0], counts[1]);
}

/// More values than a statement takes.
pub async fn any_number_of_rows_can_be_changed(world: World) {
    let mut work = world.work();
    let rows = world.most_binds() as i64;
    let table = work.table("shelves");
    let new = (1..=rows).map(|key| vec![(table.primary_key, key.into())]).collect();
    work.insert_many(&table, new, &Actor::default(), None).await.unwrap();
    let changes = (1..=rows).map(|key| (key, values![label: key.to_string()])).collect();
    assert_eq!(change_all(&mut work, "shelves", changes).await.unwrap(), rows as u64);
    let labels = work.column("shelves", "label").await;
    assert!(labels.into_iter().eq((1..=rows).map(|key| Value::from(key.to_string()))));
}

/// With a parent and the log.
pub async fn a_fault_while_many_rows_are_changed_leaves_nothing(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("articles", values![id: key, title: "t"]).await;
        work.add("notes", values![id: key, article_id: 1]).await;
    }
    work.save().await;
    sweep(&world, async |work| {
        let rows = vec![(1, values![article_id: 2]), (2, vec![("article_id", Value::Null)])];
        change_all(work, "notes", rows).await.map(drop)
    })
    .await;
}
