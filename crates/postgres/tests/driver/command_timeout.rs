//! A network that says nothing any more, and a server that takes too long.

use crate::proxy::{Fault, Proxy, through};
use crate::support::*;
use reprieve::{Database, Error, Model};
use reprieve_core::driver::Driver;
use reprieve_core::error::Kind;
use std::time::Duration;

#[derive(Debug, Clone, Model)]
#[model(table = "posts", soft_delete)]
struct Post {
    #[model(primary_key)]
    id: i64,
    title: String,
}

#[derive(Debug, Clone, Model)]
#[model(table = "words")]
struct Word {
    #[model(primary_key)]
    name: String,
    meaning: String,
}

/// A database whose commands may take a second, by way of a proxy.
fn test_through<F: Future<Output = ()>>(work: impl FnOnce(Database, Proxy, String) -> F) {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let builder = Database::builder(through(&url, proxy.port)).model::<Post>().model::<Word>();
        let database = builder.pool_size(1).max_overflow(0).connect().unwrap();
        database.create_tables().await.unwrap();
        work(database, proxy, url).await;
    });
}

fn took_too_long(error: &Error, in_doubt: bool) {
    assert_eq!((error.kind(), error.is_in_doubt()), (Kind::Timeout, in_doubt), "{error}");
    assert!(error.to_string().contains("1 s (command_timeout)"), "{error}");
}

/// The pool goes on by another connection, and finds this many rows.
async fn goes_on(database: &Database, rows: u64) {
    let mut session = database.session().unwrap();
    assert_eq!(Post::all().count(&mut session).await.unwrap(), rows);
}

#[test]
fn a_silent_network_is_waited_for_as_long_as_was_said() {
    test_through(|database, proxy, _| async move {
        let mut session = database.session().unwrap().command_timeout(Duration::from_secs(1));
        Post::create().title("a").insert(&mut session).await.unwrap();
        proxy.set(Fault::Swallow("needle"));
        let error = Post::create().title("needle").insert(&mut session).await.unwrap_err();
        took_too_long(&error, false);
        assert_eq!(Post::all().count(&mut session).await.unwrap_err().kind(), Kind::Session);
        session.rollback().await.unwrap();
        proxy.set(Fault::None);
        goes_on(&database, 0).await;
    });
}

#[test]
fn a_commit_that_nobody_confirms_is_in_doubt() {
    test_through(|database, proxy, _| async move {
        let mut session = database.session().unwrap().command_timeout(Duration::from_secs(1));
        Post::create().title("a").insert(&mut session).await.unwrap();
        proxy.set(Fault::Swallow("COMMIT"));
        took_too_long(&session.commit().await.unwrap_err(), true);
        proxy.set(Fault::None);
        drop(session);
        goes_on(&database, 0).await;
    });
}

#[test]
fn a_rollback_that_nobody_confirms_is_done_by_closing() {
    test_through(|database, proxy, _| async move {
        let mut session = database.session().unwrap().command_timeout(Duration::from_secs(1));
        Post::create().title("a").insert(&mut session).await.unwrap();
        proxy.set(Fault::Swallow("ROLLBACK"));
        session.rollback().await.unwrap();
        proxy.set(Fault::None);
        goes_on(&database, 0).await;
    });
}

#[test]
fn a_crowd_whose_connection_is_silent_gets_another() {
    test_through(|database, proxy, _| async move {
        let mut holds = database.session().unwrap();
        Word::create().name("hay").meaning("grass").insert(&mut holds).await.unwrap();
        holds.commit().await.unwrap();
        // The only connection of the pool is in use: reads by key share one.
        Word::create().name("straw").meaning("stalks").insert(&mut holds).await.unwrap();
        let mut session = database.session().unwrap().command_timeout(Duration::from_secs(1));
        assert!(Word::get(&mut session, "hay").await.unwrap().is_some());
        proxy.set(Fault::Swallow("needle"));
        took_too_long(&Word::get(&mut session, "needle").await.unwrap_err(), false);
        proxy.set(Fault::None);
        assert!(Word::get(&mut session, "hay").await.unwrap().is_some());
    });
}

#[test]
fn a_statement_that_takes_too_long_is_stopped_in_the_server() {
    test_through(|database, _, url| async move {
        let mut session = database.session().unwrap();
        let pid: Option<(i64,)> =
            session.sql("SELECT pg_backend_pid()::int8").read_only().first().await.unwrap();
        let sleep = session.sql("SELECT pg_sleep(600)").command_timeout(Duration::from_secs(1));
        took_too_long(&sleep.execute().await.unwrap_err(), false);
        let mut straight = driver_at(&url).connect().await.unwrap();
        let (pid,) = pid.unwrap();
        until(&mut *straight, &format!("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {pid}")).await;
        session.rollback().await.unwrap();
        goes_on(&database, 0).await;
    });
}
