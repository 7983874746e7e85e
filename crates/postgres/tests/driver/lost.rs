//! Connections that are lost, and what is said of the statement that was under way.

use crate::proxy::{Fault, Proxy, through};
use crate::support::*;
use reprieve_core::driver::{Connection, ConnectionState, Driver, Isolation};
use reprieve_core::error::{Error, Kind};
use reprieve_core::value::Value;
use reprieve_postgres::PostgresDriver;
use std::sync::Arc;

const INSERT: &str = "INSERT INTO t VALUES ($1)";

/// A table, a connection through a proxy, and a driver that goes straight to the server.
fn through_a_proxy<F: Future<Output = ()>>(
    work: impl FnOnce(Box<dyn Connection>, Proxy, Arc<PostgresDriver>) -> F,
) {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let straight = Arc::new(driver_at(&url));
        exec(&mut *straight.connect().await.unwrap(), "CREATE TABLE t (a text)").await.unwrap();
        let connection = driver_at(&through(&url, proxy.port)).connect().await.unwrap();
        work(connection, proxy, straight).await;
    });
}

async fn add(c: &mut dyn Connection, text: &str) -> Result<Vec<Vec<Value>>, Error> {
    ask(c, INSERT, &[Value::from(text)]).await
}

async fn count(driver: &PostgresDriver) -> Value {
    scalar(&mut *driver.connect().await.unwrap(), "SELECT count(*) FROM t").await
}

fn is_lost(error: &Error, c: &dyn Connection, in_doubt: bool) {
    assert_eq!((error.kind(), error.is_in_doubt()), (Kind::Disconnected, in_doubt), "{error}");
    assert_eq!(c.state(), ConnectionState::Broken);
}

#[test]
fn a_write_by_itself_is_in_doubt_and_a_read_is_not() {
    for (fault, rows) in [(Fault::CutBefore("needle"), 0i64), (Fault::CutAfter("needle"), 1)] {
        through_a_proxy(|mut c, proxy, straight| async move {
            proxy.set(fault);
            let error = add(&mut *c, "needle").await.unwrap_err();
            is_lost(&error, &*c, true);
            assert_eq!(count(&straight).await, Value::from(rows));
            // What is asked of it now was never sent.
            is_lost(&add(&mut *c, "more").await.unwrap_err(), &*c, false);
        });
        through_a_proxy(|mut c, proxy, _| async move {
            proxy.set(fault);
            let error =
                ask(&mut *c, "SELECT a FROM t WHERE a = $1", &[Value::from("needle")]).await.unwrap_err();
            is_lost(&error, &*c, false);
        });
    }
}

#[test]
fn a_statement_of_a_transaction_is_not_in_doubt_and_its_commit_is() {
    for (fault, rows) in [(Fault::CutBefore("COMMIT"), 0i64), (Fault::CutAfter("COMMIT"), 2)] {
        through_a_proxy(|mut c, proxy, straight| async move {
            c.begin(Isolation::default()).await.unwrap();
            add(&mut *c, "a").await.unwrap();
            add(&mut *c, "b").await.unwrap();
            proxy.set(fault);
            is_lost(&c.commit().await.unwrap_err(), &*c, true);
            assert_eq!(count(&straight).await, Value::from(rows));
        });
    }
    through_a_proxy(|mut c, proxy, straight| async move {
        c.begin(Isolation::default()).await.unwrap();
        add(&mut *c, "a").await.unwrap();
        proxy.set(Fault::CutAfter("needle"));
        is_lost(&add(&mut *c, "needle").await.unwrap_err(), &*c, false);
        is_lost(&c.commit().await.unwrap_err(), &*c, false);
        assert_eq!(count(&straight).await, Value::from(0i64));
    });
}

#[test]
fn bytes_may_come_one_by_one() {
    through_a_proxy(|mut c, proxy, straight| async move {
        proxy.set(Fault::Bytewise);
        c.begin(Isolation::Serializable).await.unwrap();
        for i in 0..20 {
            add(&mut *c, &format!("row {i}")).await.unwrap();
        }
        assert_eq!(ask(&mut *c, "SELECT 1 / 0", &[]).await.unwrap_err().kind(), Kind::InvalidValue);
        assert_eq!(ask(&mut *c, "SELECT a FROM t", &[]).await.unwrap().len(), 20);
        c.commit().await.unwrap();
        assert_eq!(count(&straight).await, Value::from(20i64));
    });
}

#[test]
fn a_killed_backend_is_noticed_wherever_it_was() {
    test(|driver| async move {
        let mut killer = driver.connect().await.unwrap();
        exec(&mut *killer, "CREATE TABLE t (a text)").await.unwrap();
        for place in ["idle", "transaction", "sleeping"] {
            let mut c = driver.connect().await.unwrap();
            assert!(c.is_alive());
            let Value::Int(pid) = scalar(&mut *c, "SELECT pg_backend_pid()").await else { panic!() };
            let kill = format!("SELECT pg_terminate_backend({pid})");
            match place {
                "sleeping" => {
                    let sleep = kept("SELECT pg_sleep(600)");
                    let mut rows = Rows::of(1);
                    let (slept, ()) = tokio::join!(c.run(&sleep, &[], &mut rows), async {
                        until(
                            &mut *killer,
                            &format!("SELECT state = 'active' FROM pg_stat_activity WHERE pid = {pid}"),
                        )
                        .await;
                        scalar(&mut *killer, &kill).await;
                    });
                    is_lost(&slept.unwrap_err(), &*c, false);
                }
                _ => {
                    if place == "transaction" {
                        c.begin(Isolation::default()).await.unwrap();
                        add(&mut *c, "lost").await.unwrap();
                    }
                    scalar(&mut *killer, &kill).await;
                    until(
                        &mut *killer,
                        &format!("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = {pid}"),
                    )
                    .await;
                    while c.is_alive() && c.state() != ConnectionState::Broken {
                        tokio::task::yield_now().await;
                    }
                    let error = add(&mut *c, "more").await.unwrap_err();
                    assert_eq!((error.kind(), c.state()), (Kind::Disconnected, ConnectionState::Broken));
                    assert!(!error.is_in_doubt() || place == "idle");
                }
            }
        }
        assert_eq!(count(&driver).await, Value::from(0i64));
    });
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for_forever() {
    through_a_proxy(|_, proxy, _| async move {
        // The first thing that a client says names its user.
        proxy.set(Fault::Swallow("user"));
        let url = with(&through(&server(), proxy.port), "connect_timeout=1");
        let error = driver_at(&url).connect().await.err().unwrap();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.to_string().contains("connect_timeout"), "{error}");
    });
}
