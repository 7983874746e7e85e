//! Verbs on many rows.

use crate::support::{Post, User, blog, titles, user};
use reprieve::{Kind, Model};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "tags")]
struct Tag {
    #[model(primary_key)]
    id: i64,
    name: String,
}

#[tokio::test]
async fn new_rows_are_inserted_all_or_none() {
    let mut session = blog().await.session().unwrap();
    let rows = (0..2000).map(|n| User::create().name(format!("user {n}")));
    let users = session.insert_all(rows).await.unwrap();
    assert_eq!((users.len(), &users[1999].name[..]), (2000, "user 1999"));
    let twice = ["new", "user 7"].map(|name| User::create().name(name));
    assert!(session.insert_all(twice).await.unwrap_err().is_unique_violation());
    assert_eq!(User::all().count(&mut session).await.unwrap(), 2000);
    let logged: Vec<(i64,)> = session.sql("SELECT count(*) FROM audit_logs").all().await.unwrap();
    assert_eq!(logged, [(2000,)]);
}

#[tokio::test]
async fn a_query_changes_the_rows_it_finds_and_its_page_counts() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["a", "b", "c", "d"]).await;
    let last = Post::all().order_by(Post::ID.desc()).limit(2);
    assert_eq!(last.update([Post::PUBLISHED.to(true)], &mut session).await.unwrap(), 2);
    let published = Post::filter(Post::PUBLISHED.eq(true)).order_by(Post::ID.asc());
    let found = published.all(&mut session).await.unwrap();
    assert_eq!(found.iter().map(|post| &post.title[..]).collect::<Vec<_>>(), ["c", "d"]);
    let long = Post::all().update([Post::TITLE.to("x".repeat(201))], &mut session).await.unwrap_err();
    assert_eq!(long.kind(), Kind::InvalidValue);
}

#[tokio::test]
async fn a_query_is_one_deletion_which_can_be_undone() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["a", "b"]).await;
    user(&mut session, "Bob", &["c"]).await;
    let everybody = User::all().soft_delete(&mut session).cascade().because("moved").by(3).await.unwrap();
    assert_eq!(everybody.rows(), 5);
    assert!(titles(&mut session).await.is_empty());
    let gone = User::only_deleted().all(&mut session).await.unwrap();
    assert!(gone.iter().all(|user| user.deletion().id == everybody.id && user.deletion().cascade));
    assert_eq!(gone[0].deletion().undo(&mut session).await.unwrap().rows(), 5);
    assert_eq!(titles(&mut session).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn deleted_rows_are_restored_or_purged_by_a_query() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["a", "b", "c"]).await;
    Post::all().soft_delete(&mut session).await.unwrap();
    let some = Post::only_deleted().filter(Post::TITLE.ne("c"));
    assert_eq!(some.restore(&mut session).await.unwrap().rows(), 2);
    assert_eq!(Post::only_deleted().purge(&mut session).await.unwrap(), 1);
    assert_eq!(Post::with_deleted().count(&mut session).await.unwrap(), 2);
}

#[tokio::test]
async fn rows_without_soft_delete_are_removed() {
    let database = reprieve::Database::builder("sqlite::memory:").model::<Tag>().connect().unwrap();
    database.create_tables().await.unwrap();
    let mut session = database.session().unwrap();
    let tags = session.insert_all(["a", "b", "c"].map(|name| Tag::create().name(name))).await.unwrap();
    assert!(tags[0].clone().delete(&mut session).await.unwrap());
    assert!(!tags[0].clone().delete(&mut session).await.unwrap(), "it is gone already");
    assert_eq!(Tag::filter(Tag::NAME.eq("b")).delete(&mut session).await.unwrap(), 1);
    assert_eq!(Tag::all().all(&mut session).await.unwrap(), [tags[2].clone()]);
}
