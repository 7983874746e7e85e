use crate::support::{Database, Verbs, poll, wait};
use reprieve_core::driver::ConnectionState;
use reprieve_core::driver::Isolation;
use reprieve_core::error::Kind;
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;

#[test]
fn writers_have_their_turns_in_the_order_they_came() {
    let database = Database::new();
    let mut first = database.with_rows(1);
    let (mut second, mut third) = (database.connect(), database.connect());
    wait(first.begin(Isolation::default())).unwrap();
    let mut second_turn = second.begin(Isolation::default());
    let mut third_turn = third.begin(Isolation::default());
    assert!(poll(Pin::new(&mut second_turn)).is_pending());
    assert!(poll(Pin::new(&mut third_turn)).is_pending());
    wait(first.commit()).unwrap();
    let mut first_again = first.begin(Isolation::default());
    assert!(poll(Pin::new(&mut first_again)).is_pending(), "who has just written goes to the end");
    assert!(poll(Pin::new(&mut third_turn)).is_pending());
    wait(second_turn).unwrap();
    wait(second.commit()).unwrap();
    assert!(poll(Pin::new(&mut first_again)).is_pending());
    wait(third_turn).unwrap();
    wait(third.rollback()).unwrap();
    wait(first_again).unwrap();
}

#[test]
fn who_leaves_the_queue_lets_the_next_one_go() {
    let database = Database::new();
    let mut first = database.with_rows(1);
    let (mut second, mut third) = (database.connect(), database.connect());
    wait(first.begin(Isolation::default())).unwrap();
    let mut second_turn = second.begin(Isolation::default());
    let mut third_turn = third.begin(Isolation::default());
    assert!(poll(Pin::new(&mut second_turn)).is_pending());
    assert!(poll(Pin::new(&mut third_turn)).is_pending());
    drop(second_turn);
    assert_eq!(second.state(), ConnectionState::Idle, "nothing was under way");
    wait(first.commit()).unwrap();
    wait(third_turn).unwrap();
    assert_eq!(second.int("SELECT id FROM t"), 1);
}

#[test]
fn waiting_too_long_for_a_writer_of_this_process_says_so() {
    let database = Database::new();
    let mut first = database.with_rows(1);
    let mut second = database.connect();
    wait(first.begin(Isolation::default())).unwrap();
    database.runtime.sleeps_are_over.store(true, SeqCst);
    let error = wait(second.begin(Isolation::default())).unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.to_string().contains("another session of this process"), "{error}");
    wait(first.commit()).unwrap();
    wait(second.begin(Isolation::default())).unwrap();
}

#[test]
fn where_nobody_may_wait_a_turn_that_is_taken_is_an_error_at_once() {
    let database = Database::new();
    let mut first = database.with_rows(1);
    let mut second = database.connect();
    wait(first.begin(Isolation::default())).unwrap();
    database.runtime.nobody_waits.store(true, SeqCst);
    let mut begun = second.begin(Isolation::default());
    let Poll::Ready(Err(error)) = poll(Pin::new(&mut begun)) else { panic!("it waits") };
    assert_eq!(error.kind(), Kind::Timeout);
    drop(begun);
    assert_eq!(second.state(), ConnectionState::Idle, "nothing was done");
    assert_eq!(second.int("SELECT id FROM t"), 1);
    wait(first.commit()).unwrap();
    wait(second.begin(Isolation::default())).unwrap();
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    let database = Database::new();
    let mut writer = database.with_rows(1);
    let mut reader = database.connect();
    database.runtime.jobs();
    wait(writer.begin(Isolation::default())).unwrap();
    writer.exec("DELETE FROM t").unwrap();
    assert_eq!(reader.ints("SELECT id FROM t"), [1]);
    assert_eq!(database.runtime.jobs(), 0);
}

#[test]
fn many_threads_write_without_a_conflict() {
    let database = Database::new();
    let mut reader = database.with_rows(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = database.connect();
                for _ in 0..50 {
                    wait(connection.begin(Isolation::default())).unwrap();
                    let next = connection.int("SELECT coalesce(max(id), 0) + 1 FROM t");
                    connection.exec(&format!("INSERT INTO t VALUES ({next}, '')")).unwrap();
                    wait(connection.commit()).unwrap();
                }
            });
        }
    });
    assert_eq!(reader.int("SELECT max(id) FROM t"), 200);
}
