//! Statements that were prepared for what is not there any more.

use crate::support::*;
use reprieve_core::driver::{Discard, Driver, Isolation, Step};
use reprieve_core::value::Value;
use std::sync::Arc;

#[test]
fn a_schema_that_changed_is_prepared_for_anew() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let mut other = driver.connect().await.unwrap();
        exec(&mut *c, "CREATE TYPE mood AS ENUM ('good')").await.unwrap();
        exec(&mut *c, "CREATE TABLE t (a int4, m mood)").await.unwrap();
        let read = Arc::new(kept("SELECT a FROM t"));
        let write = kept("INSERT INTO t VALUES (1, $1) RETURNING m");
        let crowd = driver.pipeline().unwrap().await.unwrap();
        let changes = [
            "ALTER TABLE t ALTER a TYPE int8",
            "ALTER TABLE t ALTER a TYPE text; DROP TYPE mood CASCADE; CREATE TYPE mood AS ENUM ('good'); ALTER TABLE t ADD m mood",
            "ALTER TABLE t ALTER a TYPE varchar(9)",
        ];
        for (round, change) in changes.iter().enumerate() {
            for inside in [false, true] {
                if inside {
                    c.begin(Isolation::default()).await.unwrap();
                    exec(&mut *c, "INSERT INTO t VALUES (2)").await.unwrap();
                    let mut rows = Rows::of(1);
                    let mut none = Discard;
                    let mut steps = [
                        Step { statement: read.clone(), binds: vec![], sink: &mut none, changed: 0 },
                        Step { statement: read.clone(), binds: vec![], sink: &mut rows, changed: 0 },
                    ];
                    c.run_all(&mut steps).await.unwrap();
                    assert_eq!(rows.rows.len(), 2 * round + 2);
                } else {
                    c.run(&write, &[Value::from("good")], &mut Discard).await.unwrap();
                }
                let mut rows = Rows::of(1);
                c.run(&read, &[], &mut rows).await.unwrap();
                assert_eq!(rows.rows.len(), 2 * round + 1 + usize::from(inside));
                if inside {
                    c.commit().await.unwrap();
                }
            }
            crowd.read(&read, &[], &mut Discard).await.unwrap();
            for statement in change.split(';') {
                exec(&mut *other, statement).await.unwrap();
            }
        }
        exec(&mut *c, "DEALLOCATE ALL").await.unwrap();
        c.run(&read, &[], &mut Discard).await.unwrap();
    });
}

#[test]
fn more_statements_than_are_kept_are_prepared_when_they_come_again() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let statements: Vec<_> = (0..300).map(|n| kept(&format!("SELECT {n}::int8"))).collect();
        for _ in 0..2 {
            for (n, statement) in (0i64..).zip(&statements) {
                let mut rows = Rows::of(1);
                c.run(statement, &[], &mut rows).await.unwrap();
                assert_eq!(rows.rows, [[Value::from(n)]]);
            }
        }
        let Value::Int(kept) = scalar(&mut *c, "SELECT count(*) FROM pg_prepared_statements").await else {
            panic!()
        };
        assert!(kept <= 260, "{kept}");
    });
}
