//! Behind a pooler that hands out another server connection for each transaction: nothing is left on one.

use crate::pooler::Pooler;
use crate::support::*;
use reprieve_core::driver::{Connection, Discard, Driver, Isolation, Step};
use reprieve_core::error::Kind;
use reprieve_core::sql::Compiled;
use reprieve_core::value::{Timestamp, Value};
use std::sync::Arc;

/// The types and the table that every kind of statement is about.
async fn prepare(c: &mut dyn Connection, types: &str, tables: &[String]) {
    exec(c, &format!("CREATE TYPE {types}mood AS ENUM ('good', 'bad')")).await.unwrap();
    exec(c, &format!("CREATE DOMAIN {types}amount AS int8 NOT NULL CHECK (VALUE > 0)")).await.unwrap();
    for table in tables {
        let sql = format!(
            "CREATE TABLE {table} (a {types}amount PRIMARY KEY, m {types}mood, ns int8[], ms {types}mood[], j jsonb, \
             at timestamptz, b bytea, n numeric, y bool, u uuid, f float8)"
        );
        exec(c, &sql).await.unwrap();
    }
}

/// Every kind of statement, on one connection.
async fn all_kinds(c: &mut dyn Connection, table: &str) {
    let instant = Timestamp::parse("2025-10-22 10:30:00.123456").unwrap();
    let binds = [
        Value::from(1i64),
        Value::from("good"),
        Value::Json("[1, null]".into()),
        Value::Json("[\"bad\"]".into()),
        Value::Json("[1]".into()),
        Value::from(instant),
        Value::Bytes(vec![0, 92]),
        Value::Decimal("1.50".into()),
        Value::from(true),
        Value::Uuid([1; 16]),
        Value::from(f64::NEG_INFINITY),
    ];
    let insert =
        format!("INSERT INTO {table} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING *");
    let read = [
        Value::from(1i64),
        Value::from("good"),
        Value::from("[1,null]"),
        Value::from("[\"bad\"]"),
        Value::from("[1]"),
        Value::from(instant),
        Value::Bytes(vec![0, 92]),
        Value::from("1.50"),
        Value::from(true),
        Value::Uuid([1; 16]),
        Value::from(f64::NEG_INFINITY),
    ];
    for isolation in [None, Some(Isolation::RepeatableRead)] {
        if let Some(isolation) = isolation {
            c.begin(isolation).await.unwrap();
        }
        let mut rows = Rows::of(11);
        c.run(&kept(&insert), &binds, &mut rows).await.unwrap();
        assert_eq!(rows.rows, std::slice::from_ref(&read.to_vec()));
        assert_eq!(ask(c, &insert, &binds).await.unwrap_err().kind(), Kind::UniqueViolation);
        let list = Value::List(vec![Value::from(1i64), Value::from(2i64)]);
        assert_eq!(
            ask(c, &format!("SELECT m FROM {table} WHERE a = ANY($1)"), &[list]).await.unwrap(),
            [[Value::from("good")]]
        );
        let mut rows = Rows::default();
        c.run(
            &Compiled::once(
                format!("SELECT a, m FROM {table} WHERE false"),
                reprieve_core::query::Reach::Set,
            ),
            &[],
            &mut rows,
        )
        .await
        .unwrap();
        assert_eq!(rows.names, ["a", "m"]);
        if isolation.is_some() {
            let statement = Arc::new(kept(&format!("UPDATE {table} SET ns = $1 WHERE a = $2")));
            let mut discards = [Discard, Discard];
            let mut steps: Vec<Step<'_>> = discards
                .iter_mut()
                .map(|sink| Step {
                    statement: statement.clone(),
                    binds: vec![Value::Json("[7]".into()), Value::from(1i64)],
                    sink,
                    changed: 0,
                })
                .collect();
            c.run_all(&mut steps).await.unwrap();
            assert_eq!(steps[1].changed, 1);
            c.commit().await.unwrap();
            assert_eq!(scalar(c, &format!("SELECT ns FROM {table}")).await, Value::from("[7]"));
        } else {
            c.run(&kept(&format!("DELETE FROM {table} WHERE a = $1")), &[Value::from(1i64)], &mut Discard)
                .await
                .unwrap();
        }
    }
}

#[test]
fn every_kind_of_statement_leaves_no_name_behind() {
    test_at(|url| async move {
        let mut admin = driver_at(&url).connect().await.unwrap();
        prepare(&mut *admin, "", &["t".to_owned()]).await;
        let mut c = driver_at(&with(&url, "prepared_statements=false")).connect().await.unwrap();
        all_kinds(&mut *c, "t").await;
        let names = scalar(&mut *c, "SELECT count(*) FROM pg_prepared_statements").await;
        // The question itself has a name while it is asked.
        assert!(matches!(names, Value::Int(0 | 1)), "{names:?}");
        // A type that is newer than the connection.
        exec(&mut *admin, "CREATE TYPE newer AS ENUM ('x')").await.unwrap();
        assert!(c.is_alive());
        let error = ask(&mut *c, "SELECT 'x'::newer", &[]).await.unwrap_err();
        assert!(error.to_string().contains("type"), "{error}");
        assert!(!c.is_alive());
        let mut c = driver_at(&with(&url, "prepared_statements=false")).connect().await.unwrap();
        assert_eq!(scalar(&mut *c, "SELECT 'x'::newer").await, Value::from("x"));
    });
}

#[test]
fn a_crowd_behind_a_pooler_gets_what_it_asks_for() {
    let Some(pooler) = Pooler::start(&server(), 3) else { return };
    let pooled = with(&pooler.url, "prepared_statements=false");
    test_at(|url| async move {
        let mut admin = driver_at(&url).connect().await.unwrap();
        let Value::Text(schema) = scalar(&mut *admin, "SELECT current_schema()::text").await else {
            panic!()
        };
        let tables: Vec<String> = (0..20).map(|n| format!("{schema}.t{n}")).collect();
        prepare(&mut *admin, &format!("{schema}."), &tables).await;
        let work = tables.iter().map(|table| {
            let driver = driver_at(&pooled);
            async move {
                let mut c = driver.connect().await.unwrap();
                for _ in 0..10 {
                    all_kinds(&mut *c, table).await;
                    c.run(&kept(&format!("DELETE FROM {table}")), &[], &mut Discard).await.unwrap();
                }
            }
        });
        futures_util::future::join_all(work).await;
    });
}
