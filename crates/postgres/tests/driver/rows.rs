//! Values there and back.

use crate::support::*;
use reprieve_core::driver::Driver;
use reprieve_core::error::Kind;
use reprieve_core::value::{Date, Time, Timestamp, Value};

#[test]
fn each_type_comes_back_as_it_went_in() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let instant = Timestamp::parse("2025-10-22 10:30:00.123456").unwrap();
        let list = Value::List(vec![Value::from(1i64), Value::Null, Value::from(3i64)]);
        let cases: Vec<(&str, Value, Value)> = vec![
            ("bool", Value::from(true), Value::from(true)),
            ("int2", Value::from(-7i64), Value::from(-7i64)),
            ("int4", Value::from(7i64), Value::from(7i64)),
            ("int8", Value::from(i64::MIN), Value::from(i64::MIN)),
            ("float4", Value::from(0.5), Value::from(0.5)),
            ("float8", Value::from(f64::INFINITY), Value::from(f64::INFINITY)),
            ("float8", Value::from(3i64), Value::from(3.0)),
            ("text", Value::from("größe \u{1F600}"), Value::from("größe \u{1F600}")),
            ("varchar(3)", Value::from("abc"), Value::from("abc")),
            ("bpchar", Value::from("abc"), Value::from("abc")),
            ("name", Value::from("abc"), Value::from("abc")),
            ("bytea", Value::Bytes(vec![0, 255, 10]), Value::Bytes(vec![0, 255, 10])),
            ("timestamptz", Value::from(instant), Value::from(instant)),
            ("timestamptz", Value::from(Timestamp::MIN), Value::from(Timestamp::MIN)),
            ("timestamptz", Value::from(Timestamp::MAX), Value::from(Timestamp::MAX)),
            (
                "date",
                Value::from(Date { year: 1, month: 1, day: 1 }),
                Value::from(Date { year: 1, month: 1, day: 1 }),
            ),
            (
                "time",
                Value::from(Time { hour: 23, minute: 59, second: 59, microsecond: 999_999 }),
                Value::from(Time { hour: 23, minute: 59, second: 59, microsecond: 999_999 }),
            ),
            ("uuid", Value::Uuid([7; 16]), Value::Uuid([7; 16])),
            ("numeric", Value::Decimal("-12.50".into()), Value::from("-12.50")),
            (
                "numeric(30,10)",
                Value::Decimal("123456789012.0000000001".into()),
                Value::from("123456789012.0000000001"),
            ),
            ("jsonb", Value::Json("{\"a\": [1, null]}".into()), Value::from("{\"a\": [1, null]}")),
            ("json", Value::Json("[1]".into()), Value::from("[1]")),
            ("int8[]", list.clone(), Value::from("[1,null,3]")),
            ("int8[]", Value::Json("[[1,2],[3,4]]".into()), Value::from("[[1,2],[3,4]]")),
            (
                "text[]",
                Value::Json("[\"a\\\"b\", null, \"NULL\", \"\"]".into()),
                Value::from("[\"a\\\"b\",null,\"NULL\",\"\"]"),
            ),
            ("numeric[]", Value::Json("[\"1.50\"]".into()), Value::from("[\"1.50\"]")),
            (
                "uuid[]",
                Value::List(vec![Value::Uuid([1; 16])]),
                Value::from("[\"01010101-0101-0101-0101-010101010101\"]"),
            ),
            ("text", Value::Uuid([1; 16]), Value::from("01010101-0101-0101-0101-010101010101")),
            ("text", Value::from(7i64), Value::from("7")),
            ("int4", Value::Null, Value::Null),
        ];
        for (ty, given, expected) in cases {
            let rows = ask(&mut *c, &format!("SELECT $1::{ty} AS v"), std::slice::from_ref(&given)).await;
            assert_eq!(rows.unwrap(), [[expected]], "{ty} {given:?}");
        }
    });
}

#[test]
fn enums_and_domains_are_what_they_are_made_of() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        exec(&mut *c, "CREATE TYPE mood AS ENUM ('so so', 'good')").await.unwrap();
        exec(&mut *c, "CREATE DOMAIN amount AS int4").await.unwrap();
        exec(&mut *c, "CREATE TABLE t (m mood, a amount, ms mood[])").await.unwrap();
        let binds = [Value::from("so so"), Value::from(5i64), Value::Json("[\"good\"]".into())];
        let sql = "INSERT INTO t VALUES ($1, $2, $3) RETURNING m, a, ms";
        let expected = [[Value::from("so so"), Value::from(5i64), Value::from("[\"good\"]")]];
        assert_eq!(ask(&mut *c, sql, &binds).await.unwrap(), expected);
        let list = Value::List(vec![Value::from("good"), Value::from("so so")]);
        assert_eq!(ask(&mut *c, "SELECT 1::int8 FROM t WHERE m = ANY($1)", &[list]).await.unwrap().len(), 1);
    });
}

#[test]
fn instants_that_cannot_be_told_are_the_first_and_the_last() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let sql = "SELECT 'infinity'::timestamptz, '-infinity'::timestamptz, '12000-01-01'::timestamptz";
        let expected = [[Timestamp::MAX, Timestamp::MIN, Timestamp::MAX].map(Value::from)];
        assert_eq!(ask(&mut *c, sql, &[]).await.unwrap(), expected);
    });
}

#[test]
fn dates_beyond_those_that_can_be_stored_can_be_compared_with() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        for (year, order) in [(0, ">"), (10_000, "<"), (u16::MAX, "<")] {
            let far = Value::Date(Date { year, month: 1, day: 1 });
            let sql = format!("SELECT date '9999-12-31' {order} $1");
            assert_eq!(ask(&mut *c, &sql, &[far]).await.unwrap(), [[Value::from(true)]]);
        }
    });
}

#[test]
fn what_does_not_fit_is_said_without_the_value() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        let cases = [
            ("int4", Value::from(5_000_000_001i64), "range"),
            ("text", Value::from("secret\0"), "NUL"),
            ("jsonb", Value::Json("\"secret\\u0000\"".into()), "u0000"),
            ("int8", Value::from("secret"), "type"),
            ("varchar(2)", Value::from("secret"), ""),
        ];
        for (ty, value, word) in cases {
            match ask(&mut *c, &format!("SELECT $1::{ty}"), &[value]).await {
                Ok(_) => assert_eq!(ty, "varchar(2)", "an explicit cast cuts"),
                Err(error) => {
                    assert_eq!(error.kind(), Kind::InvalidValue, "{ty}");
                    let all = format!("{error} {error:?}");
                    assert!(
                        all.contains(word) && !all.contains("secret") && !all.contains("5000000001"),
                        "{all}"
                    );
                }
            }
        }
        let error = ask(&mut *c, "SELECT '1 day'::interval", &[]).await.unwrap_err();
        assert!(error.to_string().contains("interval") && error.to_string().contains("::text"), "{error}");
        assert_eq!(scalar(&mut *c, "SELECT 1::int8").await, Value::from(1i64));
    });
}

#[test]
fn columns_are_named_also_when_there_is_no_row() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        for statement in [
            kept("SELECT 1 AS a, 2 AS b WHERE false"),
            reprieve_core::sql::Compiled::once(
                "SELECT 1 AS a, 2 AS b WHERE false",
                reprieve_core::query::Reach::Set,
            ),
        ] {
            let mut rows = Rows::default();
            assert_eq!(c.run(&statement, &[], &mut rows).await.unwrap(), 0);
            assert_eq!(rows.names, ["a", "b"]);
        }
    });
}

#[test]
fn a_write_says_how_many_rows_it_changed_and_a_read_none() {
    test(|driver| async move {
        let mut c = driver.connect().await.unwrap();
        exec(&mut *c, "CREATE TABLE t (a int8)").await.unwrap();
        assert_eq!(exec(&mut *c, "INSERT INTO t SELECT generate_series(1, 5)").await.unwrap(), 5);
        assert_eq!(
            c.run(&kept("UPDATE t SET a = a + $1 WHERE a > 2"), &[Value::from(1i64)], &mut Rows::of(0))
                .await
                .unwrap(),
            3
        );
        assert_eq!(exec(&mut *c, "SELECT * FROM t").await.unwrap(), 0);
        assert_eq!(c.run(&kept("SELECT a FROM t"), &[], &mut Rows::of(1)).await.unwrap(), 0);
    });
}
