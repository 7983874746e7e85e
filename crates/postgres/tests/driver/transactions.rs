//! Transactions, and what a failing statement leaves of them.

use crate::support::*;
use reprieve_core::driver::{Connection, ConnectionState, Discard, Driver, Isolation, Savepoint, Step};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;
use std::sync::Arc;

async fn table(driver: &reprieve_postgres::PostgresDriver) -> Box<dyn Connection> {
    let mut c = driver.connect().await.unwrap();
    exec(&mut *c, "CREATE TABLE t (a int8 PRIMARY KEY)").await.unwrap();
    c
}

async fn add(c: &mut dyn Connection, a: i64) -> reprieve_core::Result<u64> {
    c.run(&kept("INSERT INTO t VALUES ($1)"), &[Value::from(a)], &mut Discard).await
}

async fn all(c: &mut dyn Connection) -> Vec<i64> {
    let rows = ask(c, "SELECT a FROM t ORDER BY a", &[]).await.unwrap();
    rows.into_iter().map(|row| if let Value::Int(a) = row[0] { a } else { panic!() }).collect()
}

#[test]
fn a_failing_statement_leaves_nothing_of_itself_and_the_rest_intact() {
    for isolation in [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable] {
        test(|driver| async move {
            let mut c = table(&driver).await;
            add(&mut *c, 1).await.unwrap();
            c.begin(isolation).await.unwrap();
            // First, when nothing was written.
            assert_eq!(add(&mut *c, 1).await.unwrap_err().kind(), Kind::UniqueViolation);
            assert_eq!(all(&mut *c).await, [1]);
            add(&mut *c, 2).await.unwrap();
            // After a write: a guard.
            assert_eq!(add(&mut *c, 1).await.unwrap_err().kind(), Kind::UniqueViolation);
            assert_eq!(add(&mut *c, 2).await.unwrap_err().kind(), Kind::UniqueViolation);
            add(&mut *c, 3).await.unwrap();
            // In savepoints, nested.
            c.savepoint(Savepoint::Set(1)).await.unwrap();
            assert_eq!(add(&mut *c, 1).await.unwrap_err().kind(), Kind::UniqueViolation);
            add(&mut *c, 4).await.unwrap();
            c.savepoint(Savepoint::Set(2)).await.unwrap();
            add(&mut *c, 5).await.unwrap();
            assert_eq!(add(&mut *c, 5).await.unwrap_err().kind(), Kind::UniqueViolation);
            c.savepoint(Savepoint::Undo(2)).await.unwrap();
            assert_eq!(add(&mut *c, 4).await.unwrap_err().kind(), Kind::UniqueViolation);
            c.savepoint(Savepoint::Release(1)).await.unwrap();
            assert_eq!(add(&mut *c, 4).await.unwrap_err().kind(), Kind::UniqueViolation);
            assert_eq!(all(&mut *c).await, [1, 2, 3, 4]);
            c.commit().await.unwrap();
            assert_eq!(c.state(), ConnectionState::Idle);
            assert_eq!(all(&mut *c).await, [1, 2, 3, 4]);
        });
    }
}

#[test]
fn a_transaction_in_which_nothing_was_sent_costs_nothing() {
    test(|driver| async move {
        let mut c = table(&driver).await;
        c.begin(Isolation::default()).await.unwrap();
        c.savepoint(Savepoint::Set(1)).await.unwrap();
        assert_eq!(c.state(), ConnectionState::Transaction);
        c.savepoint(Savepoint::Undo(1)).await.unwrap();
        c.commit().await.unwrap();
        assert_eq!(c.state(), ConnectionState::Idle);
        c.begin(Isolation::default()).await.unwrap();
        c.rollback().await.unwrap();
        assert_eq!(c.state(), ConnectionState::Idle);
        assert_eq!(c.commit().await.unwrap_err().kind(), Kind::Session);
    });
}

#[test]
fn a_rollback_an_abort_and_a_drop_leave_nothing() {
    test(|driver| async move {
        let mut c = table(&driver).await;
        c.begin(Isolation::default()).await.unwrap();
        add(&mut *c, 1).await.unwrap();
        c.rollback().await.unwrap();
        c.begin(Isolation::default()).await.unwrap();
        add(&mut *c, 2).await.unwrap();
        c.abort();
        assert_eq!(c.state(), ConnectionState::Idle);
        assert!(all(&mut *c).await.is_empty());
        let mut other = driver.connect().await.unwrap();
        other.begin(Isolation::default()).await.unwrap();
        add(&mut *other, 3).await.unwrap();
        drop(other);
        // Waits for the lock of the dropped one, which goes with it.
        add(&mut *c, 3).await.unwrap();
        assert_eq!(all(&mut *c).await, [3]);
    });
}

#[test]
fn steps_go_together_and_the_first_that_fails_stops_them() {
    test(|driver| async move {
        let mut c = table(&driver).await;
        let insert = Arc::new(kept("INSERT INTO t VALUES ($1)"));
        let count = Arc::new(kept("SELECT count(*) FROM t"));
        c.begin(Isolation::default()).await.unwrap();
        for (values, fine) in [([1, 2, 3], true), ([4, 2, 5], false), ([4, 5, 6], true)] {
            let mut counted = Rows::of(1);
            let mut discards = [Discard, Discard, Discard];
            let [a, b, d] = &mut discards;
            let step = |value: i64, sink| Step {
                statement: insert.clone(),
                binds: vec![Value::from(value)],
                sink,
                changed: 0,
            };
            let mut steps = [
                step(values[0], a),
                step(values[1], b),
                Step { statement: count.clone(), binds: vec![], sink: &mut counted, changed: 0 },
                step(values[2], d),
            ];
            let result = c.run_all(&mut steps).await;
            assert_eq!(result.is_ok(), fine);
            if fine {
                assert_eq!(steps.iter().map(|step| step.changed).collect::<Vec<_>>(), [1, 1, 0, 1]);
                drop(steps);
                assert_eq!(counted.rows.len(), 1);
            }
        }
        assert_eq!(all(&mut *c).await, [1, 2, 3, 4, 5, 6]);
        c.commit().await.unwrap();
    });
}

#[test]
fn a_wrong_number_of_values_is_refused_and_breaks_nothing() {
    test(|driver| async move {
        let mut c = table(&driver).await;
        let insert = Arc::new(kept("INSERT INTO t VALUES ($1)"));
        for known in [false, true] {
            c.begin(Isolation::default()).await.unwrap();
            for round in 0..2 {
                let error = c.run(&insert, &[], &mut Discard).await.unwrap_err();
                assert_eq!(error.kind(), Kind::InvalidValue, "{error}");
                let (mut a, mut b) = (Discard, Discard);
                let mut steps = [
                    Step {
                        statement: insert.clone(),
                        binds: vec![Value::from(5i64)],
                        sink: &mut a,
                        changed: 0,
                    },
                    Step { statement: insert.clone(), binds: vec![], sink: &mut b, changed: 0 },
                ];
                assert_eq!(c.run_all(&mut steps).await.unwrap_err().kind(), Kind::InvalidValue);
                let a = 10 * i64::from(known) + round;
                c.run(&insert, &[Value::from(a)], &mut Discard).await.unwrap();
            }
            c.commit().await.unwrap();
        }
        assert_eq!(exec(&mut *c, "SELECT $1").await.unwrap_err().kind(), Kind::Database);
        assert_eq!(all(&mut *c).await, [0, 1, 10, 11]);
    });
}

#[test]
fn a_copy_is_refused_and_leaves_no_server_waiting() {
    test(|driver| async move {
        let mut c = table(&driver).await;
        let Value::Int(pid) = scalar(&mut *c, "SELECT pg_backend_pid()").await else { panic!() };
        assert!(exec(&mut *c, "COPY t FROM STDIN").await.is_err());
        assert_eq!(c.state(), ConnectionState::Broken);
        let mut other = driver.connect().await.unwrap();
        until(&mut *other, &format!("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {pid}")).await;
    });
}
