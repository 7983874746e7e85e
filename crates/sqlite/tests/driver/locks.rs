use crate::support::{Database, Verbs, poll, wait};
use reprieve_core::driver::ConnectionState;
use reprieve_core::driver::Isolation;
use reprieve_core::error::Kind;
use std::pin::Pin;
use std::time::Duration;

#[test]
fn a_lock_of_another_process_is_waited_for_on_a_thread() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let stranger = database.stranger();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    {
        let mut begin = connection.begin(Isolation::default());
        assert!(poll(Pin::new(&mut begin)).is_pending());
        assert_eq!(database.runtime.jobs(), 1);
        stranger.execute_batch("COMMIT").unwrap();
        wait(begin).unwrap();
    }
    connection.exec("DELETE FROM t").unwrap();
    wait(connection.commit()).unwrap();

    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let insert = crate::support::once("INSERT INTO t VALUES (2, '')", reprieve_core::query::Reach::Row);
    let mut sink = reprieve_core::driver::Discard;
    let mut reply = connection.run(&insert, &[], &mut sink);
    assert!(poll(Pin::new(&mut reply)).is_pending());
    stranger.execute_batch("COMMIT").unwrap();
    assert_eq!(wait(reply).unwrap(), 1);
}

#[test]
fn a_lock_that_another_process_keeps_is_a_timeout_that_says_so() {
    let database = Database::with(|options| options.timeout(Duration::from_millis(20)));
    let mut connection = database.with_rows(1);
    let stranger = database.stranger();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = wait(connection.begin(Isolation::default())).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.to_string().contains("another process has held the lock"), "{error}");
    assert_eq!(connection.state(), ConnectionState::Idle);
    stranger.execute_batch("COMMIT").unwrap();
    wait(connection.begin(Isolation::default())).unwrap();
}

#[test]
fn giving_up_the_wait_for_a_lock_ends_the_wait_and_frees_the_turn() {
    let database = Database::with(|options| options.timeout(Duration::from_secs(3600)));
    let mut connection = database.with_rows(1);
    let mut other = database.connect();
    let stranger = database.stranger();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut begin = connection.begin(Isolation::default());
    assert!(poll(Pin::new(&mut begin)).is_pending());
    drop(begin);
    assert_eq!(connection.state(), ConnectionState::Broken);
    database.runtime.join();
    stranger.execute_batch("COMMIT").unwrap();
    wait(other.begin(Isolation::default())).unwrap();
}

#[test]
fn a_begin_that_met_a_lock_and_was_never_polled_frees_the_turn() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let stranger = database.stranger();
    stranger.execute_batch("BEGIN IMMEDIATE").unwrap();
    drop(connection.begin(Isolation::default()));
    drop(connection.run(
        &crate::support::once("DELETE FROM t", reprieve_core::query::Reach::Row),
        &[],
        &mut reprieve_core::driver::Discard,
    ));
    assert_eq!(connection.state(), ConnectionState::Idle);
    stranger.execute_batch("COMMIT").unwrap();
    wait(database.connect().begin(Isolation::default())).unwrap();
}
