//! Work that is run again when other transactions were in its way.

use crate::support::{User, blog, user};
use reprieve::{Database, Error, Isolation, Kind, Model, Result, Retryable};
use std::fmt;
use std::time::Duration;

async fn users(database: &Database) -> u64 {
    User::all().count(&mut database.session().unwrap()).await.unwrap()
}

fn in_the_way() -> Error {
    Error::new(Kind::Serialization, "another transaction was in the way")
}

#[tokio::test]
async fn work_is_run_again_from_its_beginning_until_nobody_is_in_its_way() {
    let database = blog().await;
    let mut runs = 0;
    let name = database
        .atomic()
        .retries(3)
        .run(async |session| {
            runs += 1;
            assert_eq!(User::all().count(session).await?, 0, "nothing is left of the run before");
            let (ada, _) = user(session, "Ada", &[]).await;
            if runs < 3 { Err(in_the_way()) } else { Ok(ada.name) }
        })
        .await;
    assert_eq!((name.unwrap().as_str(), runs), ("Ada", 3));
    assert_eq!(users(&database).await, 1);
}

#[tokio::test]
async fn it_is_not_run_more_often_than_asked_for() {
    let database = blog().await;
    for retries in [0, 2] {
        let mut runs = 0;
        let result: Result<()> = database
            .atomic()
            .retries(retries)
            .run(async |session| {
                runs += 1;
                user(session, "Ada", &[]).await;
                Err(in_the_way())
            })
            .await;
        assert!(result.unwrap_err().is_retryable());
        assert_eq!(runs, retries + 1);
    }
    assert_eq!(users(&database).await, 0);
}

#[derive(Debug)]
enum Refused {
    Database(Error),
    NotYours,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Refused {}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl Retryable for Refused {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_retryable())
    }
}

#[tokio::test]
async fn an_error_of_the_program_goes_on_as_it_is_and_undoes_the_work() {
    let database = blog().await;
    let mut runs = 0;
    let result: Result<(), Refused> = database
        .atomic()
        .retries(3)
        .run(async |session| {
            runs += 1;
            user(session, "Ada", &[]).await;
            Err(if runs == 1 { in_the_way().into() } else { Refused::NotYours })
        })
        .await;
    assert!(matches!(result, Err(Refused::NotYours)));
    assert_eq!((runs, users(&database).await), (2, 0));
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let database = blog().await;
    let mut runs = 0;
    let result: Result<()> = database
        .atomic()
        .retries(3)
        .run(async |_| {
            runs += 1;
            Err(Error::new(Kind::Disconnected, "lost").in_doubt())
        })
        .await;
    assert!(result.unwrap_err().is_in_doubt());
    assert_eq!(runs, 1);
}

#[tokio::test]
async fn work_can_be_done_in_a_task_and_fail_with_any_error() {
    let database = blog().await;
    let work = {
        let database = database.clone();
        let name = "Ada".to_owned();
        async move {
            let work = database.atomic().retries(1).isolation(Isolation::Serializable);
            work.run(async move |session| {
                user(session, &name, &["Notes"]).await;
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(User::all().count(session).await?)
            })
            .await
        }
    };
    assert_eq!(tokio::spawn(work).await.unwrap().unwrap(), 1);
    assert!(<Box<dyn std::error::Error + Send + Sync>>::from(in_the_way()).is_retryable());
    assert_eq!(users(&database).await, 1);
}

#[tokio::test]
async fn a_strict_transaction_begins_with_the_first_read() {
    let database = blog().await;
    for (isolation, begins) in [
        (Isolation::ReadCommitted, false),
        (Isolation::RepeatableRead, true),
        (Isolation::Serializable, true),
    ] {
        let mut session = database.session().unwrap().isolation(isolation);
        assert_eq!(User::all().count(&mut session).await.unwrap(), 0);
        assert_eq!(session.in_transaction(), begins, "{isolation}");
    }
}

#[tokio::test]
async fn work_has_a_limit_of_its_own_for_each_command() {
    let database = blog().await;
    let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT count(*) FROM n";
    let work = database.atomic().command_timeout(Duration::from_millis(50));
    let result: Result<Option<(i64,)>> = work.run(async |session| session.sql(long).first().await).await;
    assert_eq!(result.unwrap_err().kind(), Kind::Timeout);
}
