use crate::support::{Database, Verbs, wait};
use reprieve_core::driver::{ConnectionState, Isolation, Reply};
use reprieve_core::error::Kind;

#[test]
fn what_is_rolled_back_is_gone_and_what_is_committed_stays() {
    let database = Database::new();
    let mut connection = database.with_rows(2);
    wait(connection.begin(Isolation::default())).unwrap();
    assert_eq!(connection.state(), ConnectionState::Transaction);
    connection.exec("DELETE FROM t WHERE id = 1").unwrap();
    wait(connection.rollback()).unwrap();
    assert_eq!(connection.state(), ConnectionState::Idle);
    assert_eq!(connection.ints("SELECT id FROM t"), [1, 2]);
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("DELETE FROM t WHERE id = 1").unwrap();
    wait(connection.commit()).unwrap();
    assert_eq!(connection.ints("SELECT id FROM t"), [2]);
}

#[test]
fn a_commit_that_fails_rolls_back_and_gives_the_turn_on() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    connection
        .exec("CREATE TABLE child (t INTEGER REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)")
        .unwrap();
    database.runtime.jobs();
    for set in [false, true] {
        wait(connection.begin(Isolation::default())).unwrap();
        let insert = "INSERT INTO child VALUES (99)";
        if set { connection.exec_set(insert) } else { connection.exec(insert) }.unwrap();
        assert_eq!(wait(connection.commit()).unwrap_err().kind(), Kind::ConstraintViolation);
        assert_eq!(connection.state(), ConnectionState::Idle);
        assert_eq!(connection.ints("SELECT 1 FROM child"), []);
        let mut next = database.connect();
        assert!(matches!(next.begin(Isolation::default()), Reply::Ready(Some(Ok(())))));
    }
}

#[test]
fn a_transaction_of_many_rows_ends_on_a_thread() {
    let database = Database::new();
    let mut connection = database.with_rows(0);
    for commit in [true, false] {
        wait(connection.begin(Isolation::default())).unwrap();
        for _ in 0..501 {
            connection.exec("INSERT INTO t (name) VALUES ('x')").unwrap();
        }
        assert_eq!(database.runtime.jobs(), 0);
        wait(if commit { connection.commit() } else { connection.rollback() }).unwrap();
        assert_eq!(database.runtime.jobs(), 1);
    }
    assert_eq!(connection.int("SELECT max(id) FROM t"), 501);
}

#[test]
fn a_commit_that_waits_for_the_disk_runs_on_a_thread() {
    let database = Database::with(|options| options.synchronous(reprieve_sqlite::Synchronous::Full));
    let mut connection = database.with_rows(0);
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("INSERT INTO t (name) VALUES ('x')").unwrap();
    assert_eq!(database.runtime.jobs(), 0);
    wait(connection.commit()).unwrap();
    assert_eq!(database.runtime.jobs(), 1);
}

#[test]
fn an_aborted_transaction_is_rolled_back_at_once() {
    let database = Database::new();
    let mut connection = database.with_rows(2);
    let mut other = database.connect();
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("DELETE FROM t").unwrap();
    connection.abort();
    assert_eq!(connection.state(), ConnectionState::Idle);
    assert!(matches!(other.begin(Isolation::default()), Reply::Ready(Some(Ok(())))));
    wait(other.rollback()).unwrap();
    assert_eq!(connection.ints("SELECT id FROM t"), [1, 2]);

    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec_set("DELETE FROM t").unwrap();
    connection.abort();
    assert_eq!(connection.state(), ConnectionState::Broken, "too large to undo here");
    wait(other.begin(Isolation::default())).unwrap();
    assert_eq!(other.ints("SELECT id FROM t"), [1, 2]);
}

#[test]
fn a_dropped_connection_rolls_back_and_gives_the_turn_on() {
    let database = Database::new();
    let mut connection = database.with_rows(2);
    let mut other = database.connect();
    for set in [false, true] {
        let mut dropped = database.connect();
        wait(dropped.begin(Isolation::default())).unwrap();
        if set { dropped.exec_set("DELETE FROM t") } else { dropped.exec("DELETE FROM t") }.unwrap();
        drop(dropped);
        wait(other.begin(Isolation::default())).unwrap();
        assert_eq!(connection.ints("SELECT id FROM t"), [1, 2]);
        wait(other.rollback()).unwrap();
    }
}

#[test]
fn savepoints_nest_in_a_transaction() {
    let database = Database::new();
    let mut connection = database.with_rows(2);
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("SAVEPOINT a").unwrap();
    connection.exec("DELETE FROM t WHERE id = 1").unwrap();
    connection.exec("ROLLBACK TO a").unwrap();
    connection.exec("DELETE FROM t WHERE id = 2").unwrap();
    connection.exec("RELEASE a").unwrap();
    wait(connection.commit()).unwrap();
    assert_eq!(connection.ints("SELECT id FROM t"), [1]);
}

#[test]
fn verbs_out_of_order_are_refused() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    assert_eq!(wait(connection.commit()).unwrap_err().kind(), Kind::Session);
    wait(connection.rollback()).unwrap();
    wait(connection.begin(Isolation::default())).unwrap();
    assert_eq!(wait(connection.begin(Isolation::default())).unwrap_err().kind(), Kind::Session);
    wait(connection.commit()).unwrap();
}

#[test]
fn a_transaction_that_sqlite_ended_refuses_more_until_it_is_rolled_back() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("DELETE FROM t").unwrap();
    connection.exec("ROLLBACK").unwrap();
    assert_eq!(connection.exec("INSERT INTO t VALUES (5, 'half')").unwrap_err().kind(), Kind::Session);
    assert_eq!(connection.state(), ConnectionState::Transaction);
    wait(connection.rollback()).unwrap();
    assert_eq!(connection.state(), ConnectionState::Idle);
    assert_eq!(connection.ints("SELECT id FROM t"), [1]);
    wait(database.connect().begin(Isolation::default())).unwrap();
}
