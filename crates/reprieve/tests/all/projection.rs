//! Some columns instead of whole rows.

use crate::support::{Post, blog, user};
use reprieve::{Kind, Model, Projection};

#[derive(Debug, PartialEq, Projection)]
#[projection(model = Post)]
struct Headline {
    #[projection(field = title)]
    text: String,
    id: i64,
    editor: Option<String>,
    /// Wider than the model's field.
    published: Option<bool>,
}

fn headline(id: i64, text: &str) -> Headline {
    Headline { text: text.into(), id, editor: None, published: Some(false) }
}

#[tokio::test]
async fn columns_come_as_values_and_tuples() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["One", "Two", "Three"]).await;
    let titles = Post::all().order_by(Post::ID.desc()).limit(2).select(Post::TITLE);
    assert_eq!(titles.clone().all(&mut session).await.unwrap(), ["Three", "Two"]);
    assert_eq!(titles.first(&mut session).await.unwrap().as_deref(), Some("Three"));
    let query = Post::filter(Post::TITLE.starts_with("T")).order_by(Post::TITLE.asc());
    let rows: Vec<(Option<String>, i64, String)> =
        query.select((Post::EDITOR, Post::ID, Post::TITLE)).all(&mut session).await.unwrap();
    assert_eq!(rows, [(None, 3, "Three".into()), (None, 2, "Two".into())]);
    let ids: Vec<(i64,)> = Post::all().offset(2).select((Post::ID,)).all(&mut session).await.unwrap();
    assert_eq!(ids, [(3,)]);
}

#[tokio::test]
async fn structs_of_some_fields_are_read_by_name() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["One", "Two"]).await;
    let query = Post::all().order_by(Post::ID.asc()).select_as::<Headline>();
    assert_eq!(query.all(&mut session).await.unwrap(), [headline(1, "One"), headline(2, "Two")]);
    let none = Post::filter(Post::ID.eq(9)).select_as::<Headline>().first(&mut session).await.unwrap();
    assert_eq!(none, None);
}

#[tokio::test]
async fn a_projection_sees_the_rows_that_its_query_sees() {
    let mut session = blog().await.session().unwrap();
    let (_, posts) = user(&mut session, "Ada", &["One", "Two"]).await;
    posts[0].clone().soft_delete(&mut session).await.unwrap();
    assert_eq!(Post::all().select(Post::ID).all(&mut session).await.unwrap(), [2]);
    assert_eq!(Post::only_deleted().select(Post::ID).all(&mut session).await.unwrap(), [1]);
    assert_eq!(Post::with_deleted().limit(5).select(Post::ID).all(&mut session).await.unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_column_that_holds_something_else_is_named() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["One"]).await;
    session.sql("UPDATE posts SET title = x'00'").execute().await.unwrap();
    let error = Post::all().select((Post::ID, Post::TITLE)).all(&mut session).await.unwrap_err();
    assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::Database, Some("title")));
    assert!(error.to_string().starts_with("Post.title holds bytes, which"), "{error}");
}
