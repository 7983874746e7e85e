//! Verbs on all rows that a query finds.

use crate::faults::sweep;
use crate::{Work, World, cascading, values};
use reprieve_core::error::{Kind, Result};
use reprieve_core::query::{Comparison, Expr, Order, Predicate, Select, Source, Visibility};
use reprieve_core::value::Value;
use reprieve_engine::Chosen;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Restore};

/// Articles 1 to 6 with hits 10 to 60; 5 and 6 are deleted.
async fn articles(work: &mut Work) {
    for key in 1..=6 {
        work.add("articles", values![id: key, title: format!("t{key}"), hits: key * 10]).await;
        work.add("notes", values![id: key, article_id: key]).await;
    }
    work.cascade("articles", 5).await;
    work.delete("articles", 6).await;
    work.save().await;
}

/// Articles with at least so many hits.
fn query(work: &Work, visibility: Visibility, least: i64) -> Select {
    let table = work.table("articles");
    let row = Source::new(0, &table, visibility);
    let hits = row.column(table.position("hits").unwrap());
    let filter = Predicate::Compare(hits, Comparison::GreaterOrEqual, Expr::Bind(least.into()));
    Select::rows(row).filter(filter)
}

fn chosen(work: &Work, visibility: Visibility, least: i64) -> Chosen {
    Chosen::rows(query(work, visibility, least), false).unwrap()
}

/// The two with the most hits.
fn top(work: &Work, visibility: Visibility) -> Chosen {
    let query = query(work, visibility, 0);
    let hits = query.from.column(query.from.table.position("hits").unwrap());
    Chosen::rows(query.order_by(Order::descending(hits)).limit(2), false).unwrap()
}

async fn retitle(work: &mut Work, rows: &Chosen) -> Result<u64> {
    let title = work.table("articles").position("title").unwrap();
    work.update_where(rows, vec![(title, "new".into())], &Actor::default()).await
}

async fn retitled(work: &mut Work) -> Vec<i64> {
    let titles = work.column("articles", "title").await;
    (1..).zip(titles).filter(|(_, title)| *title == "new".into()).map(|(key, _)| key).collect()
}

/// And no others.
pub async fn an_update_changes_the_rows_that_the_query_finds(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    for (visibility, found) in [
        (Visibility::Live, vec![3, 4]),
        (Visibility::Deleted, vec![5, 6]),
        (Visibility::Any, vec![3, 4, 5, 6]),
    ] {
        let rows = chosen(&work, visibility, 30);
        assert_eq!(retitle(&mut work, &rows).await.unwrap(), found.len() as u64);
        assert_eq!(retitled(&mut work).await, found);
        work.rollback().await.unwrap();
    }
}

/// Order, limit and offset say which; each statement of the verb finds the same.
pub async fn a_verb_is_about_the_page_of_the_query(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    let rows = top(&work, Visibility::Live);
    let logged = work.logged_since(0).await.len();
    assert_eq!(retitle(&mut work, &rows).await.unwrap(), 2);
    assert_eq!(retitled(&mut work).await, [3, 4]);
    assert_eq!(work.logged_since(0).await.len(), logged + 2);
    let deletion = work.soft_delete_where(&rows, Delete::default(), &Actor::default()).await.unwrap();
    assert_eq!((deletion.rows(), work.live("articles").await), (2, vec![1, 2]));
    let last = Chosen::rows(
        {
            let mut rest = query(&work, Visibility::Live, 0);
            rest.offset = 1;
            rest
        },
        false,
    );
    assert_eq!(work.remove_where(&last.unwrap(), &Actor::default()).await.unwrap(), 1);
    assert_eq!(work.live("articles").await, [1]);
    let rows = top(&work, Visibility::Deleted);
    let done = work.restore_where(&rows, Restore::default(), &Actor::default()).await.unwrap();
    assert_eq!((done.rows(), work.live("articles").await), (2, vec![1, 5, 6]));
}

/// Whoever forgot the condition would write to every row.
pub async fn a_verb_without_a_condition_is_refused_unless_all_rows_are_meant(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    let every = Select::rows(Source::live(0, &work.table("articles")));
    for query in [every.clone(), every.clone().limit(2), every.clone().filter(Predicate::And(vec![]))] {
        let error = Chosen::rows(query, false).unwrap_err();
        assert_eq!((error.kind(), error.context().model.as_deref()), (Kind::InvalidValue, Some("Article")));
        assert!(error.to_string().contains("all=True"), "{error}");
    }
    let all = Chosen::rows(every, true).unwrap();
    assert_eq!(retitle(&mut work, &all).await.unwrap(), 4);
}

/// As one deletion, with the children or without; rows that the query sees and that are deleted stay as they are.
pub async fn the_live_rows_that_a_query_finds_are_deleted_as_one(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    for visibility in [Visibility::Live, Visibility::Any] {
        let rows = chosen(&work, visibility, 20);
        let deletion = work.soft_delete_where(&rows, cascading(), &Actor::default()).await.unwrap();
        assert_eq!((deletion.taken[0].rows, deletion.taken[1].rows), (3, 3));
        assert_eq!((work.live("articles").await, work.live("notes").await), (vec![1], vec![1, 6]));
        work.back(&deletion).await;
        assert_eq!(work.live("articles").await, [1, 2, 3, 4]);
    }
    let before = work.content().await;
    let rows = chosen(&work, Visibility::Deleted, 0);
    let deletion = work.soft_delete_where(&rows, Delete::default(), &Actor::default()).await.unwrap();
    assert_eq!(deletion.rows(), 0);
    assert_eq!(work.content().await, before);
}

/// Whatever the query sees; alone, or with what went with them.
pub async fn the_deleted_rows_that_fulfil_the_query_are_restored(world: World) {
    for visibility in [Visibility::Live, Visibility::Deleted, Visibility::Any] {
        for (cascade, notes) in [(false, vec![1, 2, 3, 4, 6]), (true, vec![1, 2, 3, 4, 5, 6])] {
            let mut work = world.work();
            if work.live("articles").await.is_empty() {
                articles(&mut work).await;
            }
            let rows = chosen(&work, visibility, 50);
            let options = Restore { cascade, ancestors: false };
            work.restore_where(&rows, options, &Actor::default()).await.unwrap();
            let live = (work.live("articles").await, work.live("notes").await);
            assert_eq!(live, (vec![1, 2, 3, 4, 5, 6], notes));
            work.rollback().await.unwrap();
        }
    }
}

/// A row and its parent hold nobody back when the query finds both.
pub async fn a_query_that_finds_a_row_and_its_parent_restores_both(world: World) {
    let mut work = world.work();
    work.add("users", values![id: 1, name: "ada"]).await;
    work.add("posts", values![id: 1, user_id: 1]).await;
    work.add("comments", values![id: 1, post_id: 1]).await;
    work.add("comments", values![id: 2, post_id: 1, parent_id: 1]).await;
    work.cascade("comments", 1).await;
    let comments = Source::new(0, &work.table("comments"), Visibility::Deleted);
    let all = Chosen::rows(Select::rows(comments), true).unwrap();
    work.restore_where(&all, Restore::default(), &Actor::default()).await.unwrap();
    assert_eq!(work.live("comments").await, [1, 2]);
}

/// Physically, each in the log with what it held.
pub async fn the_rows_that_a_query_finds_are_removed(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    for (visibility, live, deleted) in [
        (Visibility::Live, vec![1, 2], vec![5, 6]),
        (Visibility::Deleted, vec![1, 2, 3, 4], vec![]),
        (Visibility::Any, vec![1, 2], vec![]),
    ] {
        let logged = work.logged_since(0).await.len();
        let rows = chosen(&work, visibility, 30);
        let removed = work.remove_where(&rows, &Actor::default()).await.unwrap();
        assert_eq!((work.live("articles").await, work.deleted("articles").await), (live, deleted));
        let log = work.logged_since(logged).await;
        assert_eq!(log.len() as u64, removed);
        assert!(log.iter().all(|row| row[3] == "DELETE".into() && !row[7].is_null()), "{log:?}");
        work.rollback().await.unwrap();
    }
}

/// As single-row verbs do.
pub async fn an_update_of_a_query_checks_what_it_writes(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    work.add("users", values![id: 1, name: "ada", email: "a@x"]).await;
    work.add("users", values![id: 2, name: "bob"]).await;
    work.save().await;
    let before = world.committed().await;
    let articles = work.table("articles");
    let at = |name: &str| articles.position(name).unwrap();
    let now = world.clock.next();
    let rows = chosen(&work, Visibility::Live, 0);
    for (field, change) in [
        ("title", (at("title"), Value::Null)),
        ("id", (at("id"), Value::Int(9))),
        ("deleted_at", (at("deleted_at"), now.into())),
    ] {
        let error = work.update_where(&rows, vec![change], &Actor::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::InvalidValue, Some(field)));
        assert!(!work.in_transaction());
    }
    assert_eq!(work.update_where(&rows, vec![], &Actor::default()).await.unwrap(), 0);
    let notes = work.table("notes");
    let all = Chosen::rows(Select::rows(Source::live(0, &notes)), true).unwrap();
    let reference = notes.position("article_id").unwrap();
    for (key, word) in [(5, "deleted together"), (9, "there is no Article")] {
        let error =
            work.update_where(&all, vec![(reference, key.into())], &Actor::default()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::ConstraintViolation);
        assert!(error.to_string().contains(word), "{error}");
    }
    let users = work.table("users");
    let email = users.position("email").unwrap();
    let every = Chosen::rows(Select::rows(Source::live(0, &users)), true).unwrap();
    for value in ["a@x", "new@x"] {
        let error =
            work.update_where(&every, vec![(email, value.into())], &Actor::default()).await.unwrap_err();
        assert!(error.is_unique_violation(), "{error:?}");
        assert_eq!(error.context().value.as_deref(), Some(value));
    }
    work.save().await;
    assert_eq!(world.committed().await, before);
}

/// Filled columns are filled; the log says what changed in each row.
pub async fn an_update_of_a_query_is_in_the_log(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    let logged = work.logged_since(0).await.len();
    let now = world.clock.next();
    let rows = chosen(&work, Visibility::Live, 30);
    retitle(&mut work, &rows).await.unwrap();
    let log = work.logged_since(logged).await;
    let changes: Vec<(Value, Value)> = log.iter().map(|row| (row[2].clone(), row[6].clone())).collect();
    let json = |text: &str| Value::Json(text.into());
    assert_eq!(
        changes,
        [
            ("3".into(), json(r#"{"title":{"new":"new","old":"t3"}}"#)),
            ("4".into(), json(r#"{"title":{"new":"new","old":"t4"}}"#)),
        ]
    );
    assert_eq!(work.column("articles", "updated_at").await[2..4], [now.into(), now.into()]);
}

/// One row or a thousand.
pub async fn verbs_of_a_query_take_the_same_statements_for_any_number_of_rows(world: World) {
    let mut texts = Vec::new();
    for rows in [1, 1000] {
        let mut work = world.work();
        for key in 1..=rows {
            work.add("articles", values![id: key, title: "t", hits: 1]).await;
        }
        world.log().take();
        let chosen = chosen(&work, Visibility::Live, 1);
        retitle(&mut work, &chosen).await.unwrap();
        work.soft_delete_where(&chosen, Delete::default(), &Actor::default()).await.unwrap();
        let counted = world.log().texts();
        work.restore_where(&chosen, Restore::default(), &Actor::default()).await.unwrap();
        let restored = world.log().take().len();
        work.remove_where(&chosen, &Actor::default()).await.unwrap();
        texts.push((counted, restored, world.log().texts()));
        work.rollback().await.unwrap();
    }
    assert_eq!(texts[0], texts[1]);
}

/// Each verb, on a page.
pub async fn a_fault_in_a_verb_of_a_query_leaves_nothing(world: World) {
    let mut work = world.work();
    articles(&mut work).await;
    sweep(&world, async |work| {
        let rows = top(work, Visibility::Live);
        retitle(work, &rows).await.map(drop)
    })
    .await;
    sweep(&world, async |work| {
        let rows = top(work, Visibility::Live);
        work.soft_delete_where(&rows, cascading(), &Actor::default()).await.map(drop)
    })
    .await;
    sweep(&world, async |work| {
        let rows = top(work, Visibility::Deleted);
        let options = Restore { cascade: true, ancestors: false };
        work.restore_where(&rows, options, &Actor::default()).await.map(drop)
    })
    .await;
    sweep(&world, async |work| {
        let rows = top(work, Visibility::Any);
        work.remove_where(&rows, &Actor::default()).await.map(drop)
    })
    .await;
}
