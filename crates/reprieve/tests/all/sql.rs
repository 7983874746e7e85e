//! SQL of one's own.

use crate::support::{Post, blog, user};
use reprieve::{Kind, Model};

#[tokio::test]
async fn values_are_bound_by_name_and_rows_read_by_position() {
    let mut session = blog().await.session().unwrap();
    let (_, posts) = user(&mut session, "Ada", &["One", "Two"]).await;
    posts[0].clone().soft_delete(&mut session).await.unwrap();
    let text = "SELECT id, title, editor FROM posts WHERE id >= :least AND title <> :not ORDER BY id";
    let rows: Vec<(i64, String, Option<String>)> =
        session.sql(text).bind("not", "x' OR 1=1").bind("least", 1).all().await.unwrap();
    assert_eq!(rows, [(1, "One".to_owned(), None), (2, "Two".to_owned(), None)], "deleted rows are seen");
    let changed = session.sql("UPDATE posts SET editor = :editor").bind("editor", Some("Eve".to_owned()));
    assert_eq!(changed.execute().await.unwrap(), 2);
    assert_eq!(Post::only_deleted().all(&mut session).await.unwrap()[0].row().editor.as_deref(), Some("Eve"));
}

#[tokio::test]
async fn a_value_too_many_or_too_few_is_named() {
    let mut session = blog().await.session().unwrap();
    let missing = session.sql("SELECT :a").all::<(i64,)>().await.unwrap_err();
    assert_eq!(missing.to_string(), "The statement needs a value for :a: give it with bind()");
    let extra = session.sql("SELECT :a").bind("a", 1).bind("b", 2).all::<(i64,)>().await.unwrap_err();
    assert_eq!(extra.to_string(), "The statement takes no value :b; it takes :a");
}

#[tokio::test]
async fn what_a_column_does_not_hold_is_an_error() {
    let mut session = blog().await.session().unwrap();
    let wrong = session.sql("SELECT 'text'").all::<(i64,)>().await.unwrap_err();
    assert_eq!(wrong.to_string(), "Column 1 of the statement holds text, which is no i64");
    let fewer = session.sql("SELECT 1").all::<(i64, Option<i64>)>().await.unwrap_err();
    assert_eq!(fewer.to_string(), "The statement has 1 columns, and 2 were asked for");
}

#[tokio::test]
async fn transactions_are_the_session_s_to_end() {
    let mut session = blog().await.session().unwrap();
    let error = session.sql("COMMIT").execute().await.unwrap_err();
    assert_eq!(error.kind(), Kind::Session);
}

#[tokio::test]
async fn a_list_behind_in_stands_for_its_items() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["One", "Two", "Three"]).await;
    let text = "SELECT title FROM posts WHERE title IN (:titles) AND id NOT IN :ids ORDER BY id";
    for (titles, ids, expected) in [
        (vec!["One", "Three"], vec![3], vec!["One"]),
        (vec!["Two"], vec![], vec!["Two"]),
        (vec![], vec![3], vec![]),
    ] {
        let query = session.sql(text).bind_list("titles", titles).bind_list("ids", ids);
        let rows: Vec<(String,)> = query.all().await.unwrap();
        assert_eq!(rows.iter().map(|(title,)| title.as_str()).collect::<Vec<_>>(), expected);
    }
    let ids = session.sql("SELECT id FROM posts WHERE id IN (:ids)").bind("ids", vec![1_i64, 2]);
    let error = ids.all::<(i64,)>().await.unwrap_err();
    assert!(error.to_string().contains("bind_list()"), "{error}");
    let elsewhere = session.sql("SELECT id FROM posts WHERE id = :ids").bind_list("ids", [1]);
    let error = elsewhere.all::<(i64,)>().await.unwrap_err();
    assert!(error.to_string().contains("`id IN (:ids)`"), "{error}");
}
