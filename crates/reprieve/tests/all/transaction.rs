//! Transactions and savepoints.

use crate::support::{User, blog, user};
use reprieve::{Database, Model};

async fn users(database: &Database) -> u64 {
    User::all().count(&mut database.session().unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_session_that_is_dropped_rolls_back() {
    let database = blog().await;
    user(&mut database.session().unwrap(), "Ada", &[]).await;
    assert_eq!(users(&database).await, 0);
}

#[tokio::test]
async fn the_outermost_transaction_commits_and_a_dropped_one_undoes() {
    let database = blog().await;
    let mut session = database.session().unwrap();
    let mut transaction = session.begin().await.unwrap();
    user(&mut transaction, "Ada", &[]).await;
    transaction.commit().await.unwrap();
    assert_eq!(users(&database).await, 1);
    let mut transaction = session.begin().await.unwrap();
    user(&mut transaction, "Bob", &[]).await;
    drop(transaction);
    session.commit().await.unwrap();
    assert_eq!(users(&database).await, 1);
}

#[tokio::test]
async fn savepoints_nest_and_an_inner_one_undoes_its_own_part() {
    let database = blog().await;
    let mut session = database.session().unwrap();
    user(&mut session, "Before", &[]).await;
    {
        let mut outer = session.begin().await.unwrap();
        user(&mut outer, "Outer", &[]).await;
        {
            let mut inner = outer.begin().await.unwrap();
            user(&mut inner, "Inner", &[]).await;
            let mut innermost = inner.begin().await.unwrap();
            user(&mut innermost, "Innermost", &[]).await;
            innermost.commit().await.unwrap();
            // The work of a savepoint that was kept goes with the one around it.
        }
        outer.commit().await.unwrap();
    }
    assert_eq!(users(&database).await, 0, "the session's transaction is still open");
    session.commit().await.unwrap();
    let names = User::all().order_by(User::ID.asc()).all(&mut session).await.unwrap();
    assert_eq!(names.iter().map(|user| &user.name[..]).collect::<Vec<_>>(), ["Before", "Outer"]);
}

#[tokio::test]
async fn a_transaction_forgotten_by_a_panic_or_cancellation_is_undone() {
    let database = blog().await;
    let mut session = database.session().unwrap();
    user(&mut session, "Before", &[]).await;
    let work = async {
        let mut transaction = session.begin().await.unwrap();
        user(&mut transaction, "During", &[]).await;
        std::future::pending::<()>().await;
        transaction.commit().await.unwrap();
    };
    let slow = tokio::time::timeout(std::time::Duration::from_millis(20), work).await;
    assert!(slow.is_err());
    session.commit().await.unwrap();
    assert_eq!(users(&database).await, 1);
}

#[tokio::test]
async fn a_failed_restore_leaves_the_session_s_other_work() {
    let database = blog().await;
    let mut session = database.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let gone = ada.soft_delete(&mut session).await.unwrap();
    user(&mut session, "Ada", &[]).await;
    assert!(gone.restore(&mut session).await.unwrap_err().is_restore_conflict());
    session.commit().await.unwrap();
    assert_eq!(users(&database).await, 1);
}
