//! Whatever fails in a transaction, and in whatever order savepoints come: the rows are those of the statements that
//! succeeded and were not undone.

use crate::support::*;
use reprieve_core::driver::{Connection, ConnectionState, Discard, Driver, Isolation, Savepoint, Step};
use reprieve_core::value::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Numbers that look random, and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

async fn rows(c: &mut dyn Connection) -> BTreeSet<i64> {
    let rows = ask(c, "SELECT a FROM t", &[]).await.unwrap();
    rows.into_iter().map(|row| if let Value::Int(a) = row[0] { a } else { panic!() }).collect()
}

async fn walk(c: &mut dyn Connection, seed: u64) {
    let insert = Arc::new(kept("INSERT INTO t VALUES ($1)"));
    let mut numbers = Numbers(seed);
    let isolations = [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable];
    c.begin(isolations[numbers.below(3)]).await.unwrap();
    // What each savepoint would bring back, outermost first; the last is what is there now.
    let mut past: Vec<BTreeSet<i64>> = Vec::new();
    let mut now: BTreeSet<i64> = BTreeSet::new();
    let mut trail = Vec::new();
    for _ in 0..30 {
        let choice = numbers.below(8);
        trail.push(choice);
        match choice {
            0 | 1 => {
                let a = numbers.below(12) as i64;
                let done = c.run(&insert, &[Value::from(a)], &mut Discard).await;
                assert_eq!(done.is_ok(), now.insert(a), "seed {seed}: {trail:?}");
            }
            2 => {
                let a: Vec<i64> = (0..3).map(|_| numbers.below(20) as i64).collect();
                let mut sinks = [Discard, Discard, Discard];
                let mut steps: Vec<Step<'_>> = (sinks.iter_mut().zip(&a))
                    .map(|(sink, a)| Step {
                        statement: insert.clone(),
                        binds: vec![Value::from(*a)],
                        sink,
                        changed: 0,
                    })
                    .collect();
                let mut after = now.clone();
                let fits = a.iter().all(|a| after.insert(*a));
                assert_eq!(c.run_all(&mut steps).await.is_ok(), fits, "seed {seed}: {trail:?}");
                now = if fits { after } else { now };
            }
            3 => {
                past.push(now.clone());
                c.savepoint(Savepoint::Set(past.len())).await.unwrap();
            }
            4 if !past.is_empty() => {
                let to = 1 + numbers.below(past.len());
                now = past[to - 1].clone();
                past.truncate(to - 1);
                c.savepoint(Savepoint::Undo(to)).await.unwrap();
            }
            5 if !past.is_empty() => {
                let to = 1 + numbers.below(past.len());
                past.truncate(to - 1);
                c.savepoint(Savepoint::Release(to)).await.unwrap();
            }
            6 => assert!(ask(c, "SELECT 1 / 0", &[]).await.is_err()),
            _ => assert_eq!(rows(c).await, now, "seed {seed}: {trail:?}"),
        }
        assert_eq!(c.state(), ConnectionState::Transaction);
    }
    assert_eq!(rows(c).await, now, "seed {seed}: {trail:?}");
    c.commit().await.unwrap();
    assert_eq!(rows(c).await, now, "seed {seed}: {trail:?}");
    exec(c, "DELETE FROM t").await.unwrap();
}

#[test]
fn any_walk_ends_with_the_rows_that_succeeded() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        exec(&mut *c, "CREATE TABLE t (a int8 PRIMARY KEY)").await.unwrap();
        for seed in 0..60 {
            walk(&mut *c, seed).await;
        }
    });
}
