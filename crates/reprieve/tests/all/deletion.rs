//! A live row and a deleted row are different types.

use crate::support::{Post, User, blog, titles, user};
use reprieve::{Model, Record};

#[tokio::test]
async fn a_soft_delete_gives_the_deleted_row_and_its_deletion() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &["Notes"]).await;
    let gone = ada.clone().soft_delete(&mut session).cascade().because("spam").by(7).await.unwrap();
    assert_eq!(gone.row(), &ada);
    let deletion = gone.deletion();
    assert_eq!((deletion.actor.as_deref(), deletion.reason.as_deref()), (Some("7"), Some("spam")));
    assert!(deletion.cascade && deletion.at.microseconds() > 0);
    assert_eq!(User::get(&mut session, ada.id).await.unwrap(), None);
    assert!(titles(&mut session).await.is_empty());
}

#[tokio::test]
async fn deleted_rows_are_found_with_the_deletion_that_holds_them() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &["One", "Two"]).await;
    let (_, _) = user(&mut session, "Bob", &["Three"]).await;
    let gone = ada.soft_delete(&mut session).cascade().because("left").await.unwrap();
    let posts = Post::only_deleted().order_by(Post::ID.asc()).all(&mut session).await.unwrap();
    assert_eq!(posts.iter().map(|post| &post.row().title[..]).collect::<Vec<_>>(), ["One", "Two"]);
    assert!(posts.iter().all(|post| post.deletion() == gone.deletion()));
    let users = User::with_deleted().order_by(User::ID.asc()).all(&mut session).await.unwrap();
    assert_eq!(users[0], Record::Deleted(gone));
    assert!(matches!(&users[1], Record::Live(bob) if bob.name == "Bob"));
}

#[tokio::test]
async fn a_restore_gives_the_live_row_alone_or_with_what_went_with_it() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &["Notes"]).await;
    let gone = ada.clone().soft_delete(&mut session).cascade().await.unwrap();
    assert_eq!(gone.clone().restore(&mut session).await.unwrap(), ada);
    assert!(titles(&mut session).await.is_empty());
    let gone = ada.soft_delete(&mut session).cascade().await.unwrap();
    gone.restore(&mut session).cascade().await.unwrap();
    assert!(titles(&mut session).await.is_empty(), "it went with the first deletion");
}

#[tokio::test]
async fn restoring_onto_a_taken_key_is_a_conflict_and_changes_nothing() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let gone = ada.soft_delete(&mut session).await.unwrap();
    user(&mut session, "Ada", &[]).await;
    session.commit().await.unwrap();
    let error = gone.restore(&mut session).await.unwrap_err();
    assert!(error.is_restore_conflict(), "{error}");
    assert!(!session.in_transaction(), "no turn is kept for nothing");
    assert_eq!(User::only_deleted().count(&mut session).await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_that_somebody_deleted_before_is_given_with_that_deletion() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let first = ada.clone().soft_delete(&mut session).because("first").await.unwrap();
    let second = ada.soft_delete(&mut session).because("second").await.unwrap();
    assert_eq!(second, first);
}

#[tokio::test]
async fn a_row_that_is_gone_is_not_found() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    ada.clone().soft_delete(&mut session).await.unwrap().purge(&mut session).await.unwrap();
    let error = ada.soft_delete(&mut session).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(error.to_string(), "User not found with id=1");
    assert_eq!(User::with_deleted().count(&mut session).await.unwrap(), 0);
}

#[tokio::test]
async fn a_live_value_does_not_write_to_a_row_that_was_deleted_since() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let mut stale = ada.clone();
    let gone = ada.soft_delete(&mut session).await.unwrap();
    let error = stale.update().name("Countess").save(&mut session).await.unwrap_err();
    assert!(error.is_deleted(), "{error}");
    assert_eq!(stale.name, "Ada");
    assert_eq!(gone.restore(&mut session).await.unwrap(), stale);
    stale.update().name("Countess").save(&mut session).await.unwrap();
}

#[tokio::test]
async fn a_deleted_value_purges_its_row_from_the_trash_only() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let gone = ada.soft_delete(&mut session).await.unwrap();
    let ada = gone.clone().restore(&mut session).await.unwrap();
    let error = gone.clone().purge(&mut session).await.unwrap_err();
    assert!(error.is_deleted(), "{error}");
    let again = ada.soft_delete(&mut session).await.unwrap();
    again.purge(&mut session).await.unwrap();
    gone.purge(&mut session).await.unwrap();
    assert_eq!(User::with_deleted().count(&mut session).await.unwrap(), 0);
}
