use crate::support::{Database, Rows, Verbs, kept, once, poll, wait};
use reprieve_core::driver::{ConnectionState, Isolation, Reply};
use reprieve_core::error::Kind;
use reprieve_core::query::Reach;
use reprieve_core::value::Value;
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use std::time::Duration;

#[test]
fn a_read_by_key_is_ready_at_once() {
    let database = Database::new();
    let mut connection = database.with_rows(100);
    let get = kept("SELECT id, name FROM t WHERE id = ?", Reach::Set);
    for id in [7, 8] {
        let (binds, mut rows) = ([Value::Int(id)], Rows::of(2));
        let reply = connection.run(&get, &binds, &mut rows);
        assert!(matches!(reply, Reply::Ready(Some(Ok(0)))), "{reply:?}");
        drop(reply);
        assert_eq!(rows.rows, [[Value::Int(id), Value::Text(format!("name {id}"))]]);
    }
    assert_eq!(database.runtime.jobs(), 0);
}

#[test]
fn a_scan_over_its_budget_ends_on_a_thread_with_all_rows() {
    let database = Database::with(|options| options.inline_budget(Duration::ZERO));
    let mut connection = database.with_rows(50_000);
    let scan = kept("SELECT id, name FROM t WHERE name LIKE '%777'", Reach::Set);
    let mut rows = Rows::of(2);
    wait(connection.run(&scan, &[], &mut rows)).unwrap();
    assert_eq!(rows.ints(), (0..50).map(|i| i * 1000 + 777).collect::<Vec<_>>());
    assert_eq!(rows.rows[3][1], Value::Text("name 3777".into()));
    assert_eq!(database.runtime.jobs(), 1);
    assert_eq!(connection.state(), ConnectionState::Idle);

    let mut again = Rows::of(2);
    wait(connection.run(&scan, &[], &mut again)).unwrap();
    assert_eq!(again.rows, rows.rows);
    assert_eq!(again.restarts, 0, "known to be slow, it goes to a thread at once");
    assert_eq!(database.runtime.jobs(), 1);
}

#[test]
fn rows_that_were_delivered_before_the_budget_ended_are_taken_back() {
    let database = Database::with(|options| options.inline_budget(Duration::ZERO));
    let mut connection = database.with_rows(20_000);
    let sparse = once("SELECT id FROM t WHERE id <= 5 OR name = 'name 19999'", Reach::Set);
    let mut rows = Rows::of(1);
    wait(connection.run(&sparse, &[], &mut rows)).unwrap();
    assert_eq!(rows.ints(), [1, 2, 3, 4, 5, 19_999]);
    assert_eq!(rows.restarts, 1);
}

#[test]
fn many_rows_come_in_slices_on_the_callers_thread() {
    let database = Database::with(|options| options.inline_budget(Duration::from_nanos(2)));
    let mut connection = database.with_rows(100);
    let mut rows = Rows::of(1);
    wait(connection.run(&once("SELECT id FROM t ORDER BY id", Reach::Set), &[], &mut rows)).unwrap();
    assert_eq!(rows.ints(), (1..=100).collect::<Vec<_>>());
    assert!(database.runtime.yields.load(SeqCst) >= 2);
    assert_eq!(database.runtime.jobs(), 0);
    assert_eq!(rows.restarts, 0);
}

#[test]
fn a_read_given_up_between_two_slices_leaves_the_connection_in_order() {
    let database = Database::with(|options| options.inline_budget(Duration::from_nanos(2)));
    let mut connection = database.with_rows(100);
    let all = kept("SELECT id FROM t", Reach::Set);
    for polls in [0, 1] {
        let mut rows = Rows::of(1);
        let mut reply = connection.run(&all, &[], &mut rows);
        for _ in 0..polls {
            assert!(poll(Pin::new(&mut reply)).is_pending());
        }
        drop(reply);
        assert!(!rows.rows.is_empty() && rows.rows.len() < 100);
        assert_eq!(connection.state(), ConnectionState::Idle);
    }
    // A statement left open would hold its snapshot, and the log could not be cut.
    let stranger = database.stranger();
    stranger.execute("DELETE FROM t WHERE id > 10", []).unwrap();
    let log = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
    let (busy, pages) = stranger.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], log).unwrap();
    assert_eq!((busy, pages), (0, 0));
    let mut rows = Rows::of(1);
    wait(connection.run(&all, &[], &mut rows)).unwrap();
    assert_eq!(rows.rows.len(), 10);
}

#[test]
fn a_count_that_nothing_can_interrupt_runs_on_a_thread_until_it_is_known_to_be_quick() {
    let database = Database::new();
    let mut connection = database.with_rows(10);
    let count = kept("SELECT COUNT(*) FROM t", Reach::Set);
    let live = kept("SELECT count(*) FROM t WHERE id > 5", Reach::Set);
    for (statement, expected) in [(&count, 10), (&live, 5)] {
        let mut rows = Rows::of(1);
        wait(connection.run(statement, &[], &mut rows)).unwrap();
        assert_eq!(rows.ints(), [expected]);
    }
    assert_eq!(database.runtime.jobs(), 1);
}

#[test]
fn a_sink_that_fails_ends_the_statement_wherever_it_runs() {
    for budget in [Duration::from_secs(3600), Duration::ZERO] {
        let database = Database::with(|options| options.inline_budget(budget));
        let mut connection = database.with_rows(5000);
        let mut rows = Rows { fail_at: Some(10), ..Rows::of(1) };
        let scan = once("SELECT id FROM t WHERE name LIKE '%9'", Reach::Set);
        let error = wait(connection.run(&scan, &[], &mut rows)).unwrap_err();
        assert_eq!(error.kind(), Kind::Sink);
        assert_eq!(connection.int("SELECT max(id) FROM t"), 5000);
    }
}

#[test]
fn a_reader_sees_what_its_transaction_wrote_also_from_a_thread() {
    let database = Database::with(|options| options.inline_budget(Duration::ZERO));
    let mut connection = database.with_rows(20_000);
    let mut other = database.connect();
    wait(connection.begin(Isolation::default())).unwrap();
    connection.exec("DELETE FROM t WHERE id = 1").unwrap();
    let scan = "SELECT id FROM t WHERE name IN ('name 1', 'name 20000')";
    assert_eq!(connection.ints(scan), [20_000]);
    assert_eq!(other.ints(scan), [1, 20_000]);
    wait(connection.rollback()).unwrap();
    assert_eq!(connection.ints(scan), [1, 20_000]);
}

#[test]
fn every_kind_of_value_comes_back_as_it_went_in() {
    use reprieve_core::value::{Date, Time, Timestamp};
    let database = Database::new();
    let mut connection = database.connect();
    let date = Date { year: 2025, month: 2, day: 3 };
    let time = Time { hour: 4, minute: 5, second: 6, microsecond: 70_008 };
    let text = |v: &str| Value::Text(v.to_owned());
    let pairs = [
        (Value::Null, Value::Null),
        (Value::Bool(true), Value::Int(1)),
        (Value::Int(i64::MIN), Value::Int(i64::MIN)),
        (Value::Float(-0.5), Value::Float(-0.5)),
        (text(""), text("")),
        (text("a\0b \u{1F600}"), text("a\0b \u{1F600}")),
        (Value::Bytes(vec![]), Value::Bytes(vec![])),
        (Value::Bytes(vec![0, 255]), Value::Bytes(vec![0, 255])),
        (Value::Timestamp(Timestamp::from_parts(date, time)), text("2025-02-03 04:05:06.070008")),
        (Value::Date(date), text("2025-02-03")),
        (Value::Time(time), text("04:05:06.070008")),
        (Value::Decimal("12.50".into()), text("12.50")),
        (Value::Json("{}".into()), text("{}")),
        (Value::Uuid([7; 16]), Value::Bytes(vec![7; 16])),
    ];
    let (binds, expected): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let marks = vec!["?"; binds.len()].join(", ");
    for sql in [
        format!("SELECT {marks}"),
        // The same through a thread: the plain count sends it there.
        format!("SELECT {marks} WHERE (SELECT count(*) FROM sqlite_schema) = 0"),
    ] {
        let mut rows = Rows::of(binds.len());
        wait(connection.run(&once(sql, Reach::Set), &binds, &mut rows)).unwrap();
        assert_eq!(rows.rows, std::slice::from_ref(&expected));
    }
    assert_eq!(database.runtime.jobs(), 2, "the connect and the count");
}

#[test]
fn text_that_is_not_utf8_is_an_error_that_names_the_column() {
    let database = Database::new();
    let mut connection = database.connect();
    let sql = once("SELECT CAST(x'ff' AS TEXT) AS title", Reach::Set);
    let error = wait(connection.run(&sql, &[], &mut Rows::of(1))).unwrap_err();
    assert_eq!(error.kind(), Kind::Database);
    assert_eq!(error.context().field().as_deref(), Some("title"));
}

#[test]
fn a_suspended_future_of_a_read_may_go_on_on_another_thread() {
    let database = Database::with(|options| options.inline_budget(Duration::from_nanos(2)));
    let mut connection = database.with_rows(1000);
    let all = once("SELECT id FROM t", Reach::Set);
    let mut rows = Rows::of(1);
    {
        let mut reply = connection.run(&all, &[], &mut rows);
        assert!(matches!(poll(Pin::new(&mut reply)), Poll::Pending));
        std::thread::scope(|scope| scope.spawn(|| wait(reply)).join().unwrap()).unwrap();
    }
    assert_eq!(rows.rows.len(), 1000);
}
