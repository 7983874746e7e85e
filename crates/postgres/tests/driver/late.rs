//! Packets that are held back on their way, in either direction.

use crate::proxy::{Fault, Proxy, through};
use crate::support::*;
use reprieve_core::driver::{ConnectionState, Discard, Driver, Isolation, Savepoint, Step};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;
use std::sync::Arc;

const INSERT: &str = "INSERT INTO t VALUES ($1)";

#[test]
fn answers_that_come_late_and_in_parts_are_those_to_their_statements() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        proxy.set(Fault::Late);
        let driver = driver_at(&through(&url, proxy.port));
        let mut c = driver.connect().await.unwrap();
        exec(&mut *c, "CREATE TABLE t (a int8 PRIMARY KEY)").await.unwrap();
        c.begin(Isolation::default()).await.unwrap();
        let insert = Arc::new(kept(INSERT));
        let mut sinks = [(); 20].map(|()| Discard);
        let mut steps: Vec<Step<'_>> = (sinks.iter_mut().zip(0i64..))
            .map(|(sink, n)| Step { statement: insert.clone(), binds: vec![n.into()], sink, changed: 0 })
            .collect();
        c.run_all(&mut steps).await.unwrap();
        assert!(steps.iter().all(|step| step.changed == 1));
        c.savepoint(Savepoint::Set(1)).await.unwrap();
        let taken = ask(&mut *c, INSERT, &[Value::from(7i64)]).await.unwrap_err();
        assert_eq!(taken.kind(), Kind::UniqueViolation);
        for n in [3i64, 19, 0] {
            let found = ask(&mut *c, "SELECT a FROM t WHERE a = $1", &[n.into()]).await.unwrap();
            assert_eq!(found, [[Value::from(n)]]);
        }
        c.commit().await.unwrap();
        assert_eq!(c.state(), ConnectionState::Idle);
        let many = ask(&mut *c, "SELECT x FROM generate_series(1, 20000) x", &[]).await.unwrap();
        assert_eq!(many.len(), 20_000);
        assert_eq!(scalar(&mut *c, "SELECT count(*) FROM t").await, Value::from(20i64));
    });
}

#[test]
fn an_answer_that_is_held_back_is_waited_for() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let mut straight = driver_at(&url).connect().await.unwrap();
        exec(&mut *straight, "CREATE TABLE t (a text)").await.unwrap();
        let mut c = driver_at(&through(&url, proxy.port)).connect().await.unwrap();
        proxy.set(Fault::HoldAnswer("needle"));
        let needle = [Value::from("needle")];
        let (added, ()) = tokio::join!(ask(&mut *c, INSERT, &needle), async {
            until(&mut *straight, "SELECT count(*) = 1 FROM t").await;
            proxy.let_go();
        });
        added.unwrap();
        proxy.set(Fault::None);
        assert_eq!(scalar(&mut *c, "SELECT count(*) FROM t").await, Value::from(1i64));
    });
}

#[test]
fn who_does_not_wait_for_a_late_answer_leaves_nothing_behind() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let mut straight = driver_at(&url).connect().await.unwrap();
        exec(&mut *straight, "CREATE TABLE t (a text)").await.unwrap();
        let driver = driver_at(&through(&url, proxy.port));
        for text in ["needle", "COMMIT"] {
            let mut c = driver.connect().await.unwrap();
            let Value::Int(pid) = scalar(&mut *c, "SELECT pg_backend_pid()").await else { panic!() };
            c.begin(Isolation::default()).await.unwrap();
            ask(&mut *c, INSERT, &[Value::from("hay")]).await.unwrap();
            proxy.set(Fault::HoldAnswer(text));
            let work = async {
                ask(&mut *c, INSERT, &[Value::from("needle")]).await.unwrap();
                c.commit().await.unwrap();
            };
            // The server has it by now, and the answer is held.
            let seen = match text {
                "COMMIT" => "SELECT count(*) = 2 FROM t".to_owned(),
                _ => format!("SELECT state = 'idle in transaction' FROM pg_stat_activity WHERE pid = {pid}"),
            };
            let held = async {
                proxy.is_holding().await;
                until(&mut *straight, &seen).await;
            };
            tokio::select! {
                biased;
                () = held => {}
                () = work => panic!("the answer is held"),
            }
            assert_eq!(c.state(), ConnectionState::Broken);
            drop(c);
            proxy.set(Fault::None);
            proxy.let_go();
            // Nobody holds a lock any more.
            let mut next = driver.connect().await.unwrap();
            next.begin(Isolation::default()).await.unwrap();
            exec(&mut *next, "LOCK TABLE t IN ACCESS EXCLUSIVE MODE").await.unwrap();
            let rows = if text == "COMMIT" { 2i64 } else { 0 };
            assert_eq!(scalar(&mut *next, "SELECT count(*) FROM t").await, Value::from(rows));
            next.rollback().await.unwrap();
        }
    });
}
