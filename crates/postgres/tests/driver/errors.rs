//! What errors say.

use crate::support::*;
use reprieve_core::driver::{Driver, Isolation};
use reprieve_core::error::Kind;
use reprieve_core::value::Value;

#[test]
fn a_violation_names_its_table_and_columns() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        exec(
            &mut *c,
            "CREATE TABLE u (id int8 PRIMARY KEY, a text NOT NULL, b text, UNIQUE (b, a), CHECK (a <> 'x'))",
        )
        .await
        .unwrap();
        exec(&mut *c, "CREATE TABLE r (u int8 REFERENCES u)").await.unwrap();
        exec(&mut *c, "INSERT INTO u VALUES (1, 'a', 'b')").await.unwrap();
        for inside in [false, true] {
            if inside {
                c.begin(Isolation::default()).await.unwrap();
            }
            let cases = [
                ("INSERT INTO u VALUES (1, 'c', 'd')", Kind::UniqueViolation, "u", Some("id")),
                ("INSERT INTO u VALUES (2, 'a', 'b')", Kind::UniqueViolation, "u", Some("b, a")),
                ("INSERT INTO u VALUES (2, NULL, 'b')", Kind::InvalidValue, "u", Some("a")),
                ("INSERT INTO u VALUES (2, 'x', 'b')", Kind::ConstraintViolation, "u", None),
                ("INSERT INTO r VALUES (7)", Kind::ConstraintViolation, "r", None),
            ];
            for (sql, kind, table, field) in cases {
                let error = ask(&mut *c, sql, &[]).await.unwrap_err();
                assert_eq!(error.kind(), kind, "{sql}: {error}");
                assert_eq!(error.context().table.as_deref(), Some(table), "{sql}");
                assert_eq!(error.context().field().as_deref(), field, "{sql}");
            }
        }
        c.rollback().await.unwrap();
    });
}

#[test]
fn a_missing_table_is_named_in_any_language() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        exec(&mut *c, "CREATE TABLE there (a int8)").await.unwrap();
        for (sql, table) in [
            ("SELECT 'größe' FROM there JOIN \"Not \"\"there\" ON true", "Not \"there"),
            ("INSERT INTO \"gone\" VALUES (1)", "gone"),
            ("DELETE FROM Gone", "gone"),
            ("UPDATE public.\"gone\" SET a = 1", "gone"),
        ] {
            let error = ask(&mut *c, sql, &[]).await.unwrap_err();
            assert_eq!(error.kind(), Kind::MissingTable);
            assert_eq!(error.context().table.as_deref(), Some(table), "{sql}");
        }
    });
}

#[test]
fn each_code_has_its_kind() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        for (code, kind) in [
            ("40001", Kind::Serialization),
            ("40P01", Kind::Serialization),
            ("55P03", Kind::Timeout),
            ("22003", Kind::InvalidValue),
            ("23P01", Kind::ConstraintViolation),
            ("25006", Kind::Unavailable),
            ("53100", Kind::Unavailable),
            ("P0001", Kind::Database),
            ("57P01", Kind::Disconnected),
        ] {
            let sql = format!("DO $$ BEGIN RAISE EXCEPTION 'why' USING ERRCODE = '{code}'; END $$");
            let error = exec(&mut *c, &sql).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{code}: {error}");
        }
        let mut c = driver.connect().await.unwrap();
        exec(&mut *c, "SET statement_timeout = 20").await.unwrap();
        assert_eq!(exec(&mut *c, "SELECT pg_sleep(10)").await.unwrap_err().kind(), Kind::Timeout);
    });
}

#[test]
fn who_may_not_connect_is_told_why() {
    in_runtime(async {
        for (url, word) in [
            ("postgresql://root@127.0.0.1:1/test", "no PostgreSQL server answers"),
            ("postgresql://root@127.0.0.1:5432/not_there", "createdb"),
            ("postgresql://root@/test?host=/not/there", "no PostgreSQL server answers"),
        ] {
            let error = driver_at(url).connect().await.err().expect(url);
            assert_eq!(error.kind(), Kind::Unavailable);
            assert!(error.to_string().contains(word), "{error}");
        }
        assert_eq!(Value::Null, Value::Null);
    });
}
