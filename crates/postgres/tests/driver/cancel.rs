//! Statements that nobody waits for any more.

use crate::support::*;
use futures_util::FutureExt;
use reprieve_core::driver::{ConnectionState, Driver, Isolation};
use reprieve_core::value::Value;

#[test]
fn a_statement_that_is_given_up_stops_and_holds_no_lock() {
    test(|driver| async move {
        let mut other = driver.connect().await.unwrap();
        exec(&mut *other, "CREATE TABLE t (a int8)").await.unwrap();
        exec(&mut *other, "INSERT INTO t VALUES (1)").await.unwrap();
        let mut c = driver.connect().await.unwrap();
        c.begin(Isolation::default()).await.unwrap();
        ask(&mut *c, "UPDATE t SET a = 2", &[]).await.unwrap();
        let gone = give_up_asleep(&mut *c, &mut *other).await;
        // Waits for the lock, and gets it when the statement was stopped and its connection closed.
        assert_eq!(
            ask(&mut *other, "UPDATE t SET a = a + 10 RETURNING a", &[]).await.unwrap(),
            [[Value::from(11i64)]]
        );
        until(&mut *other, &gone).await;
    });
}

#[test]
fn a_verb_that_never_began_breaks_nothing() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let (statement, mut rows) = (kept("SELECT 1"), Rows::of(1));
        drop(c.run(&statement, &[], &mut rows));
        assert_eq!(c.state(), ConnectionState::Idle);
        assert!(c.run(&statement, &[], &mut rows).now_or_never().is_none());
        assert_eq!(c.state(), ConnectionState::Broken);
    });
}
