//! What goes out together, counted at a proxy.

use crate::proxy::{Proxy, through};
use crate::support::*;
use reprieve_core::driver::{Discard, Driver, Isolation, Savepoint, Step};
use reprieve_core::value::Value;
use std::sync::Arc;

#[test]
fn what_belongs_together_costs_one_round_trip() {
    test_at(|url| async move {
        let proxy = Proxy::start().await;
        let mut c = driver_at(&through(&url, proxy.port)).connect().await.unwrap();
        exec(&mut *c, "CREATE TABLE t (a int8 PRIMARY KEY)").await.unwrap();
        let insert = Arc::new(kept("INSERT INTO t VALUES ($1)"));
        let read = kept("SELECT a FROM t WHERE a = $1");
        // Prepares both.
        c.run(&insert, &[Value::from(0i64)], &mut Discard).await.unwrap();
        c.run(&read, &[Value::from(0i64)], &mut Discard).await.unwrap();
        proxy.round_trips();

        c.run(&read, &[Value::from(0i64)], &mut Discard).await.unwrap();
        assert_eq!(proxy.round_trips(), 1, "a read");

        c.begin(Isolation::default()).await.unwrap();
        c.savepoint(Savepoint::Set(1)).await.unwrap();
        c.run(&insert, &[Value::from(1i64)], &mut Discard).await.unwrap();
        assert_eq!(proxy.round_trips(), 1, "the beginning, a savepoint and a write");
        c.run(&insert, &[Value::from(2i64)], &mut Discard).await.unwrap();
        assert_eq!(proxy.round_trips(), 1, "a guard and a write");
        c.savepoint(Savepoint::Release(1)).await.unwrap();
        let mut sinks = [(); 20].map(|()| Discard);
        let mut steps: Vec<Step<'_>> = (sinks.iter_mut().zip(3i64..))
            .map(|(sink, value)| Step {
                statement: insert.clone(),
                binds: vec![Value::from(value)],
                sink,
                changed: 0,
            })
            .collect();
        c.run_all(&mut steps).await.unwrap();
        assert_eq!(proxy.round_trips(), 1, "twenty steps");
        c.commit().await.unwrap();
        assert_eq!(proxy.round_trips(), 1, "the commit");

        // Steps that nobody prepared yet: once to prepare them, once to run them.
        c.begin(Isolation::default()).await.unwrap();
        let mut sinks = [(); 4].map(|()| Discard);
        let mut steps: Vec<Step<'_>> = (sinks.iter_mut().zip(1i64..))
            .map(|(sink, n)| Step {
                statement: Arc::new(kept(&format!("UPDATE t SET a = a WHERE a = {n}"))),
                binds: vec![],
                sink,
                changed: 0,
            })
            .collect();
        c.run_all(&mut steps).await.unwrap();
        assert_eq!(proxy.round_trips(), 2, "four new steps");
        c.rollback().await.unwrap();
        assert_eq!(proxy.round_trips(), 1, "the rollback");
    });
}
