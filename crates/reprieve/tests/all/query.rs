//! Queries, new rows and changes.

use crate::support::{Post, User, blog, titles, user};
use reprieve::{Kind, Model};

#[tokio::test]
async fn every_operator_selects_what_it_says() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &["100% Rust", "rust", "Go_1"]).await;
    let mut edited =
        Post::create().title("Rusty").author_id(ada.id).editor("Bob").insert(&mut session).await.unwrap();
    edited.update().published(true).save(&mut session).await.unwrap();
    let cases = [
        (Post::ID.eq(2), vec![2]),
        (Post::ID.ne(2), vec![1, 3, 4]),
        (Post::ID.gt(2), vec![3, 4]),
        (Post::ID.gte(2).and(Post::ID.lt(4)), vec![2, 3]),
        (Post::ID.lte(1).or(Post::PUBLISHED.eq(true)), vec![1, 4]),
        (Post::ID.is_in([1, 3]), vec![1, 3]),
        (Post::ID.is_in(Vec::<i64>::new()), vec![]),
        (Post::ID.not_in([1, 3]), vec![2, 4]),
        (Post::ID.between(2, 3), vec![2, 3]),
        (Post::TITLE.contains("0% R"), vec![1]),
        (Post::TITLE.contains("rust"), vec![2]),
        (Post::TITLE.icontains("RUST"), vec![1, 2, 4]),
        (Post::TITLE.starts_with("Go_"), vec![3]),
        (Post::TITLE.ends_with("_1"), vec![3]),
        (Post::TITLE.iexact("RUST"), vec![2]),
        (Post::EDITOR.eq("Bob"), vec![4]),
        (Post::EDITOR.eq(None), vec![1, 2, 3]),
        (Post::EDITOR.is_not_null(), vec![4]),
        (!Post::EDITOR.eq("Bob"), vec![1, 2, 3]),
        (Post::EDITOR.ne("Eve"), vec![1, 2, 3, 4]),
    ];
    for (filter, expected) in cases {
        let shown = format!("{filter:?}");
        let found = Post::filter(filter).order_by(Post::ID.asc()).all(&mut session).await.unwrap();
        assert_eq!(found.iter().map(|post| post.id).collect::<Vec<_>>(), expected, "{shown}");
    }
}

#[tokio::test]
async fn pages_are_ordered_and_counted() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["a", "b", "c", "d"]).await;
    let page = Post::all().order_by(Post::TITLE.desc()).limit(2).offset(1);
    let found = page.clone().all(&mut session).await.unwrap();
    assert_eq!(found.iter().map(|post| &post.title[..]).collect::<Vec<_>>(), ["c", "b"]);
    assert_eq!(page.clone().count(&mut session).await.unwrap(), 2);
    assert_eq!(page.first(&mut session).await.unwrap().unwrap().title, "c");
    assert!(!Post::filter(Post::TITLE.eq("z")).exists(&mut session).await.unwrap());
}

#[tokio::test]
async fn a_change_writes_the_columns_that_are_set_and_no_others() {
    let mut session = blog().await.session().unwrap();
    let (_, posts) = user(&mut session, "Ada", &["Draft"]).await;
    let (mut mine, mut theirs) = (posts[0].clone(), posts[0].clone());
    theirs.update().editor("Eve").save(&mut session).await.unwrap();
    mine.update().title("Final").save(&mut session).await.unwrap();
    assert_eq!(mine.editor, None, "what the struct was not told");
    let stored = Post::get(&mut session, mine.id).await.unwrap().unwrap();
    assert_eq!((&stored.title[..], stored.editor.as_deref()), ("Final", Some("Eve")));
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_and_the_struct_stays() {
    let mut session = blog().await.session().unwrap();
    let (_, mut posts) = user(&mut session, "Ada", &["Draft"]).await;
    let error = posts[0].update().title("x".repeat(201)).save(&mut session).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidValue);
    assert_eq!(error.to_string(), "Post.title: Length must be <= 200");
    assert_eq!((posts[0].title.as_str(), titles(&mut session).await), ("Draft", vec!["Draft".to_owned()]));
}

#[tokio::test]
async fn a_taken_key_and_a_missing_parent_are_told_apart() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &[]).await;
    let taken = User::create().name("Ada").insert(&mut session).await.unwrap_err();
    assert!(taken.is_unique_violation(), "{taken}");
    let orphan = Post::create().title("No one's").author_id(99).insert(&mut session).await.unwrap_err();
    assert_eq!(orphan.kind(), Kind::ConstraintViolation, "{orphan}");
    let missing = Post::get_or_404(&mut session, 99).await.unwrap_err();
    assert_eq!(missing.to_string(), "Post not found with id=99");
}
