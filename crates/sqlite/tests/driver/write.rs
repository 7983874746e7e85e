use crate::support::{Database, Rows, Verbs, kept, once, wait};
use reprieve_core::driver::{ConnectionState, Discard, Isolation, Reply};
use reprieve_core::error::Kind;
use reprieve_core::query::Reach;
use reprieve_core::value::Value;

#[test]
fn a_write_of_one_row_and_its_commit_are_ready_at_once() {
    let database = Database::new();
    let mut connection = database.with_rows(3);
    let insert = kept("INSERT INTO t (name) VALUES (?) RETURNING id", Reach::Row);
    assert!(matches!(connection.begin(Isolation::default()), Reply::Ready(Some(Ok(())))));
    let (binds, mut rows) = ([Value::from("new")], Rows::of(1));
    assert!(matches!(connection.run(&insert, &binds, &mut rows), Reply::Ready(Some(Ok(1)))));
    assert_eq!(rows.ints(), [4]);
    assert!(matches!(connection.commit(), Reply::Ready(Some(Ok(())))));
    assert_eq!(database.runtime.jobs(), 0);
    assert_eq!(database.connect().int("SELECT max(id) FROM t"), 4);
}

#[test]
fn a_write_of_a_set_runs_on_a_thread_and_so_does_its_commit() {
    let database = Database::new();
    let mut connection = database.with_rows(10);
    wait(connection.begin(Isolation::default())).unwrap();
    assert_eq!(connection.exec_set("UPDATE t SET name = 'x' WHERE id > 4").unwrap(), 6);
    assert_eq!(database.runtime.jobs(), 1);
    wait(connection.commit()).unwrap();
    assert_eq!(database.runtime.jobs(), 1);
}

#[test]
fn a_write_of_many_bytes_runs_on_a_thread() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    wait(connection.begin(Isolation::default())).unwrap();
    let update = once("UPDATE t SET name = ?", Reach::Row);
    let large = "é".repeat(200_000);
    assert_eq!(wait(connection.run(&update, &[large.as_str().into()], &mut Discard)).unwrap(), 1);
    assert_eq!(database.runtime.jobs(), 1);
    wait(connection.commit()).unwrap();
    assert_eq!(connection.int("SELECT length(name) FROM t"), 200_000);
}

#[test]
fn a_statement_that_changes_no_rows_counts_none() {
    let database = Database::new();
    let mut connection = database.with_rows(10);
    assert_eq!(connection.exec("UPDATE t SET name = 'x' WHERE id = 1").unwrap(), 1);
    assert_eq!(connection.exec("CREATE INDEX i ON t (name)").unwrap(), 0);
    assert_eq!(connection.exec("DELETE FROM t WHERE id = 99").unwrap(), 0);
    assert_eq!(connection.exec_set("DELETE FROM t").unwrap(), 10);
}

#[test]
fn a_failed_write_leaves_the_rest_of_its_transaction() {
    let database = Database::new();
    let mut connection = database.with_rows(3);
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("UPDATE t SET name = 'kept' WHERE id = 1").unwrap();
    for sql in [
        "INSERT INTO t VALUES (9, 'a'), (2, 'b')",
        "INSERT INTO t SELECT id + 2, name FROM t ORDER BY id DESC",
    ] {
        let reach = [Reach::Row, Reach::Set];
        for reach in reach {
            let error = wait(connection.run(&once(sql, reach), &[], &mut Discard)).unwrap_err();
            assert!(error.is_unique_violation(), "{error:?}");
        }
    }
    assert_eq!(connection.state(), ConnectionState::Transaction);
    wait(connection.commit()).unwrap();
    assert_eq!(connection.ints("SELECT id FROM t WHERE id <> 1 OR name = 'kept'"), [1, 2, 3]);
}

#[test]
fn a_write_whose_returned_row_the_sink_refuses_takes_its_transaction_along() {
    for reach in [Reach::Row, Reach::Set] {
        let database = Database::new();
        let mut connection = database.with_rows(3);
        wait(connection.begin(Isolation::default())).unwrap();
        let delete = once("DELETE FROM t WHERE id < 3 RETURNING id", reach);
        let mut rows = Rows { fail_at: Some(1), ..Rows::of(1) };
        assert_eq!(wait(connection.run(&delete, &[], &mut rows)).unwrap_err().kind(), Kind::Sink);
        let error = connection.exec("DELETE FROM t WHERE id = 3").unwrap_err();
        assert_eq!(error.kind(), Kind::Session);
        assert_eq!(wait(connection.commit()).unwrap_err().kind(), Kind::Session);
        assert_eq!(connection.state(), ConnectionState::Idle);
        assert_eq!(connection.ints("SELECT id FROM t"), [1, 2, 3]);
        // The turn is free.
        wait(database.connect().begin(Isolation::default())).unwrap();
    }
}

#[test]
fn a_write_outside_a_transaction_is_one_and_waits_for_its_turn() {
    let database = Database::new();
    let mut first = database.with_rows(3);
    let mut second = database.connect();
    wait(first.begin(Isolation::default())).unwrap();
    first.exec("DELETE FROM t WHERE id = 1").unwrap();
    let delete = once("DELETE FROM t WHERE id <= 2", Reach::Row);
    let mut sink = Discard;
    let mut reply = second.run(&delete, &[], &mut sink);
    assert!(crate::support::poll(std::pin::Pin::new(&mut reply)).is_pending());
    wait(first.commit()).unwrap();
    assert_eq!(wait(reply).unwrap(), 1);
    assert_eq!(second.state(), ConnectionState::Idle);
    assert!(
        matches!(first.begin(Isolation::default()), Reply::Ready(Some(Ok(())))),
        "the turn was given back"
    );
}

#[test]
fn the_wrong_number_of_values_is_refused() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    let get = kept("SELECT id FROM t WHERE id = ?", Reach::Set);
    for binds in [vec![], vec![Value::Int(1), Value::Int(2)]] {
        let error = wait(connection.run(&get, &binds, &mut Rows::of(1))).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidValue);
    }
}

#[test]
fn several_statements_in_one_text_are_refused_and_none_is_run() {
    let database = Database::new();
    let mut connection = database.with_rows(1);
    for sql in
        ["DELETE FROM t; SELECT 1", "DELETE FROM t;; nonsense", "", "  -- nothing", "DELETE FROM t; \0"]
    {
        let error = connection.exec(sql).unwrap_err();
        assert!(matches!(error.kind(), Kind::InvalidValue), "{sql}: {error}");
    }
    assert_eq!(connection.int("SELECT id FROM t"), 1);
    assert_eq!(connection.exec("DELETE FROM t ; -- all of them\n").unwrap(), 1);
}
