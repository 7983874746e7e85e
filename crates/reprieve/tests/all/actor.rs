//! Who acts is noted in the audit log and the journal.

use crate::support::{User, blog, user};
use reprieve::actor::{self, Actor};
use reprieve::{Model, Session};

async fn log(session: &mut Session) -> Vec<(String, Option<String>)> {
    session.sql("SELECT operation, user_id FROM audit_logs ORDER BY id").all().await.unwrap()
}

#[tokio::test]
async fn the_task_s_actor_is_in_the_log_and_the_journal() {
    let mut session = blog().await.session().unwrap();
    let gone = actor::scope(Actor::user(7), async {
        let (mut ada, _) = user(&mut session, "Ada", &[]).await;
        ada.update().name("Ada L.").save(&mut session).await.unwrap();
        ada.soft_delete(&mut session).await.unwrap()
    })
    .await;
    assert_eq!(gone.deletion().actor.as_deref(), Some("7"));
    gone.restore(&mut session).await.unwrap();
    let by_seven = |operation: &str| (operation.to_owned(), Some("7".to_owned()));
    let expected =
        [by_seven("CREATE"), by_seven("UPDATE"), by_seven("SOFT_DELETE"), ("RESTORE".to_owned(), None)];
    assert_eq!(log(&mut session).await, expected);
}

#[tokio::test]
async fn tasks_at_the_same_time_do_not_see_each_other_s_actor() {
    let task = |id: i64| {
        tokio::spawn(actor::scope(Actor::user(id), async move {
            tokio::task::yield_now().await;
            actor::current().user_id
        }))
    };
    let (one, two) = (task(1), task(2));
    assert_eq!((one.await.unwrap().as_deref(), two.await.unwrap().as_deref()), (Some("1"), Some("2")));
}

#[tokio::test]
async fn who_is_named_for_one_deletion_wins_over_the_task_s_actor() {
    let mut session = blog().await.session().unwrap();
    let (ada, _) = user(&mut session, "Ada", &[]).await;
    let gone =
        actor::scope(Actor::user(1), async { ada.soft_delete(&mut session).by("admin").await.unwrap() })
            .await;
    assert_eq!(gone.deletion().actor.as_deref(), Some("admin"));
    let found = User::only_deleted().all(&mut session).await.unwrap();
    assert_eq!(found[0].deletion().actor.as_deref(), Some("admin"));
}
