//! Long lists: pages, batches, streams.

use crate::support::{Post, User, blog, user};
use futures_util::TryStreamExt;
use reprieve::{Kind, Model};

#[tokio::test]
async fn pages_are_counted_from_one() {
    let mut session = blog().await.session().unwrap();
    user(&mut session, "Ada", &["a", "b", "c", "d", "e"]).await;
    let page = Post::all().order_by(Post::TITLE.desc()).page(2, 2, &mut session).await.unwrap();
    assert_eq!(page.items.iter().map(|post| &post.title[..]).collect::<Vec<_>>(), ["c", "b"]);
    assert_eq!((page.total, page.total_pages(), page.has_next(), page.has_previous()), (5, 3, true, true));
    let beyond = Post::all().page(9, 2, &mut session).await.unwrap();
    assert!(beyond.items.is_empty() && !beyond.has_next());
    for (page, size) in [(0, 2), (1, 0)] {
        let error = Post::all().page(page, size, &mut session).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidValue, "{error}");
    }
}

#[tokio::test]
async fn a_cursor_leads_through_the_list_whatever_comes_before_it() {
    let mut session = blog().await.session().unwrap();
    let (ada, posts) = user(&mut session, "Ada", &["a", "b", "b", "c"]).await;
    let list = || Post::all().order_by(Post::TITLE.asc()).include(Post::AUTHOR);
    let first = list().page_after(None, 2, &mut session).await.unwrap();
    assert_eq!(first.items.iter().map(|(post, _)| post.id).collect::<Vec<_>>(), [1, 2]);
    posts[0].clone().soft_delete(&mut session).await.unwrap();
    Post::create().title("0").author(&ada).insert(&mut session).await.unwrap();
    let second = list().page_after(first.next_cursor.as_deref(), 2, &mut session).await.unwrap();
    assert_eq!(second.items.iter().map(|(post, _)| post.id).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(second.next_cursor, None);
    let forged = list().page_after(Some("forged"), 2, &mut session).await.unwrap_err();
    assert_eq!(forged.kind(), Kind::InvalidValue, "{forged}");
}

#[tokio::test]
async fn the_session_is_free_between_batches() {
    let mut session = blog().await.session().unwrap();
    session.insert_all((0..25).map(|n| User::create().name(format!("{n:02}")))).await.unwrap();
    let mut batches = User::all().limit(22).offset(1).batches(10);
    let mut sizes = Vec::new();
    while let Some(users) = batches.next(&mut session).await.unwrap() {
        sizes.push(users.len());
        for user in users {
            user.soft_delete(&mut session).await.unwrap();
        }
    }
    assert_eq!(sizes, [10, 10, 2]);
    let left = User::all().order_by(User::ID.asc()).all(&mut session).await.unwrap();
    assert_eq!(left.iter().map(|user| &user.name[..]).collect::<Vec<_>>(), ["00", "23", "24"]);
}

#[tokio::test]
async fn a_stream_gives_each_row_once_in_order() {
    let mut session = blog().await.session().unwrap();
    session.insert_all((0..2500).map(|n| User::create().name(format!("{n:04}")))).await.unwrap();
    let names: Vec<String> = User::all()
        .order_by(User::NAME.desc())
        .stream(&mut session)
        .map_ok(|user| user.name)
        .try_collect()
        .await
        .unwrap();
    let expected: Vec<String> = (0..2500).rev().map(|n| format!("{n:04}")).collect();
    assert_eq!(names, expected);
}
