use crate::support::{Database, Rows, Verbs, once, poll, wait};
use reprieve_core::driver::{ConnectionState, Discard, Isolation};
use reprieve_core::error::Kind;
use reprieve_core::query::Reach;
use std::pin::Pin;

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) ";

#[test]
fn a_write_given_up_on_its_thread_leaves_no_transaction_and_frees_the_turn() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let mut other = database.connect();
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("DELETE FROM t").unwrap();
    let endless = once(format!("{ENDLESS} INSERT INTO t (name) SELECT i FROM n"), Reach::Set);
    let mut sink = Discard;
    let mut reply = connection.run(&endless, &[], &mut sink);
    assert!(poll(Pin::new(&mut reply)).is_pending());
    drop(reply);
    assert_eq!(connection.state(), ConnectionState::Broken);
    assert_eq!(connection.exec("DELETE FROM t").unwrap_err().kind(), Kind::Session);
    wait(other.begin(Isolation::default())).unwrap();
    assert_eq!(other.ints("SELECT id FROM t"), [1]);
    wait(other.commit()).unwrap();
}

#[test]
fn a_job_given_up_before_it_starts_does_nothing() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let mut other = database.connect();
    database.runtime.hold();
    let delete = once("DELETE FROM t", Reach::Set);
    let mut sink = Discard;
    let mut reply = connection.run(&delete, &[], &mut sink);
    assert!(poll(Pin::new(&mut reply)).is_pending());
    drop(reply);
    database.runtime.release();
    wait(other.begin(Isolation::default())).unwrap();
    assert_eq!(other.ints("SELECT id FROM t"), [1]);
}

#[test]
fn a_read_given_up_on_its_thread_ends_there() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    for sql in [
        format!("{ENDLESS} SELECT i FROM n WHERE i < 0"),
        // The thread waits with full batches.
        format!("{ENDLESS} SELECT i FROM n WHERE (SELECT count(*) FROM t) > 0"),
    ] {
        let endless = once(sql, Reach::Set);
        let mut rows = Rows::of(1);
        let mut reply = connection.run(&endless, &[], &mut rows);
        assert!(poll(Pin::new(&mut reply)).is_pending());
        drop(reply);
        assert_eq!(connection.state(), ConnectionState::Broken);
        database.runtime.join();
        connection = database.connect();
    }
}

#[test]
fn a_result_that_crosses_with_the_callers_leaving_is_closed() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    wait(connection.begin(Isolation::default())).unwrap();
    let delete = once("DELETE FROM t", Reach::Set);
    let mut sink = Discard;
    database.runtime.hold();
    let mut reply = connection.run(&delete, &[], &mut sink);
    assert!(poll(Pin::new(&mut reply)).is_pending());
    database.runtime.release();
    // The job is done, its answer lies in the channel.
    database.runtime.join();
    drop(reply);
    assert_eq!(connection.state(), ConnectionState::Broken);
    let mut other = database.connect();
    wait(other.begin(Isolation::default())).unwrap();
    assert_eq!(other.ints("SELECT id FROM t"), [1]);
}

#[test]
fn a_commit_given_up_before_its_job_starts_rolls_back() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let mut other = database.connect();
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec_set("DELETE FROM t").unwrap();
    database.runtime.hold();
    let mut commit = connection.commit();
    assert!(poll(Pin::new(&mut commit)).is_pending());
    drop(commit);
    assert_eq!(connection.state(), ConnectionState::Broken);
    database.runtime.release();
    wait(other.begin(Isolation::default())).unwrap();
    assert_eq!(other.ints("SELECT id FROM t"), [1]);
}

#[test]
fn a_job_that_is_lost_is_an_error_and_not_a_hang() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    database.runtime.hold();
    let delete = once("DELETE FROM t", Reach::Set);
    let mut sink = Discard;
    let mut reply = connection.run(&delete, &[], &mut sink);
    assert!(poll(Pin::new(&mut reply)).is_pending());
    database.runtime.lose();
    assert_eq!(wait(reply).unwrap_err().kind(), Kind::Internal);
    assert_eq!(connection.state(), ConnectionState::Broken);
    wait(database.connect().begin(Isolation::default())).unwrap();
}
