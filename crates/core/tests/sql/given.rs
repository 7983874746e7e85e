//! Rows of values that a statement brings along.

use crate::database::{text, with_binds};
use crate::fixture::{IntoStatement, column, fixture, insert, position, posts, update};
use crate::postgres::{Both, postgres};
use reprieve_core::error::Kind;
use reprieve_core::query::{Comparison, Expr, Given, Insert, Predicate, Rows, Select, UpdateEach};
use reprieve_core::schema::ColumnType;
use reprieve_core::sql::{Dialect, compile};
use reprieve_core::value::{Timestamp, Value};

/// Rows of a key, and values of a text, an instant or whatever comes second and third.
fn given(rows: Vec<Vec<Value>>) -> Given {
    let kind = |value: &Value| match value {
        Value::Int(_) => ColumnType::Integer,
        Value::Bool(_) => ColumnType::Boolean,
        Value::Timestamp(_) => ColumnType::Timestamp,
        _ => ColumnType::Text,
    };
    let kinds = rows.first().map_or(Vec::new(), |row| row.iter().map(kind).collect());
    Given { id: 1, rows, kinds }
}

fn two() -> Given {
    given(vec![vec![Value::Int(1), "one".into()], vec![Value::Int(2), Value::Null]])
}

/// The rows whose key is the first value.
fn belong(given: &Given) -> Predicate {
    Predicate::Compare(posts().key(), Comparison::Equal, given.value(0))
}

/// The second value, when the third says so.
fn sometimes(given: &Given, name: &str) -> Expr {
    let has = Predicate::equals(given.value(2), true);
    Expr::If(Box::new(has), Box::new(given.value(1)), Box::new(column(&posts(), name)))
}

#[test]
fn each_row_takes_values_of_its_own_by_one_statement() {
    let given = two();
    let update = update(posts(), &[("title", given.value(1))], belong(&given));
    let (sql, binds) = with_binds(UpdateEach { given, update });
    assert_eq!(
        sql,
        concat!(
            r#"UPDATE "posts" AS t0 SET "title" = t1.column2 FROM (VALUES (?, ?), (?, ?)) AS t1 "#,
            r#"WHERE t0."deleted_at" IS NULL AND t0."id" = t1.column1"#
        )
    );
    assert_eq!(binds, [Value::Int(1), "one".into(), Value::Int(2), Value::Null]);
}

#[test]
fn a_row_can_keep_what_another_changes() {
    let given = given(vec![vec![Value::Int(1), "one".into(), true.into()]]);
    let update = update(posts(), &[("title", sometimes(&given, "title"))], belong(&given));
    let (sql, binds) = with_binds(UpdateEach { given, update });
    assert_eq!(
        sql,
        concat!(
            r#"UPDATE "posts" AS t0 SET "title" = CASE WHEN t1.column3 = ? THEN t1.column2 ELSE t0."title" END "#,
            r#"FROM (VALUES (?, ?, ?)) AS t1 WHERE t0."deleted_at" IS NULL AND t0."id" = t1.column1"#
        )
    );
    assert_eq!(binds, [true.into(), Value::Int(1), "one".into(), true.into()]);
}

#[test]
fn a_query_reads_rows_beside_those_that_belong_to_them() {
    let given = two();
    let mut select = Select::columns(posts(), vec![posts().key(), given.value(1)]).filter(belong(&given));
    select.given = Some(given);
    assert_eq!(
        text(select),
        concat!(
            r#"SELECT t0."id", t1.column2 FROM "posts" AS t0, (VALUES (?, ?), (?, ?)) AS t1 "#,
            r#"WHERE t0."deleted_at" IS NULL AND t0."id" = t1.column1"#
        )
    );
}

#[test]
fn changes_are_rendered_by_the_type_of_their_column() {
    let given = given(vec![vec![Value::Int(1), Timestamp::from_microseconds(0).into(), true.into()]]);
    let change =
        |new| Expr::JsonChanges { source: 0, changes: vec![(position(&fixture().posts, "at"), new)] };
    let select = |expr| {
        let mut select = Select::columns(posts(), vec![expr]).filter(belong(&given));
        select.given = Some(given.clone());
        select
    };
    assert_eq!(
        text(select(change(given.value(1)))),
        concat!(
            r#"SELECT (SELECT json_group_object(column1, json(column2)) FROM (VALUES ('at', "#,
            r#"CASE WHEN t0."at" IS NOT t1.column2 THEN json_object('old', replace(t0."at", ' ', 'T') || '+00:00', "#,
            r#"'new', replace(t1.column2, ' ', 'T') || '+00:00') END)) WHERE column2 IS NOT NULL) "#,
            r#"FROM "posts" AS t0, (VALUES (?, ?, ?)) AS t1 WHERE t0."deleted_at" IS NULL AND t0."id" = t1.column1"#
        )
    );
    let db = Both::new();
    let at = Timestamp::parse("2025-10-22 10:30:00").unwrap();
    let rows = vec![vec![1.into(), "a".into(), at.into()], vec![2.into(), "b".into(), Value::Null]];
    db.run(insert(&fixture().posts, &["id", "title", "at"], rows));
    let changed =
        r#"{"at":{"old":"2025-10-22T10:30:00.000000+00:00","new":"1970-01-01T00:00:00.000000+00:00"}}"#;
    assert_eq!(db.run(select(change(given.value(1)))), [changed]);
    assert_eq!(db.run(select(change(sometimes(&given, "at")))), [changed]);
    let keep = given_that_keeps();
    let mut select = Select::columns(posts(), vec![change(sometimes(&keep, "at"))]).filter(belong(&keep));
    select.given = Some(keep);
    assert_eq!(db.run(select), ["{}"]);
}

fn given_that_keeps() -> Given {
    let kinds = vec![ColumnType::Integer, ColumnType::Timestamp, ColumnType::Boolean];
    Given { kinds, ..given(vec![vec![Value::Int(1), Value::Null, false.into()]]) }
}

#[test]
fn rows_change_and_others_do_not() {
    let db = Both::new();
    db.execute(
        "INSERT INTO posts (id, title, body, deleted_at) VALUES \
         (1, 'a', 'x', NULL), (2, 'b', 'y', '2025-01-01'), (3, 'c', 'z', NULL)",
    );
    let rows = (1..=2).map(|key| vec![Value::Int(key), format!("new {key}").into()]).collect();
    let given = given(rows);
    let update = reprieve_core::query::Update {
        returning: vec![0, 1],
        ..update(posts(), &[("title", given.value(1))], belong(&given))
    };
    assert_eq!(db.run(UpdateEach { given, update }), ["1|new 1"]);
}

#[test]
fn rows_that_contradict_themselves_are_a_fault_of_reprieve() {
    let reads = |given: Given, expr: Expr| {
        let mut select = Select::columns(posts(), vec![expr]);
        select.given = Some(given);
        select
    };
    let uneven = vec![vec![Value::Null], vec![Value::Null, Value::Null]];
    for wrong in [
        reads(given(vec![]), posts().key()),
        reads(given(vec![vec![]]), posts().key()),
        reads(given(uneven), posts().key()),
        reads(two(), Expr::Given { source: 1, position: 2 }),
        reads(two(), Expr::Given { source: 0, position: 0 }),
        reads(Given { id: 0, ..two() }, posts().key()),
        Select::columns(posts(), vec![two().value(0)]),
    ] {
        let inserted = Insert {
            table: fixture().countries.clone(),
            columns: vec![0],
            rows: Rows::Select(Box::new(wrong.clone())),
            returning: vec![],
        };
        for statement in [wrong.statement(), inserted.statement()] {
            let error = compile(&statement, Dialect::Sqlite).unwrap_err();
            assert_eq!(error.kind(), Kind::Internal, "{statement:?}");
        }
    }
}

#[test]
fn on_postgres_the_first_row_tells_the_types_of_all() {
    let given = two();
    let update = reprieve_core::query::Update {
        returning: vec![0],
        ..update(posts(), &[("title", given.value(1))], belong(&given))
    };
    assert_eq!(
        postgres(UpdateEach { given, update }),
        concat!(
            r#"UPDATE "posts" AS t0 SET "title" = t1.column2 FROM (VALUES ($1::bigint, $2::text), ($3, $4)) "#,
            r#"AS t1(column1, column2) WHERE t0."deleted_at" IS NULL AND t0."id" = t1.column1 RETURNING t0."id""#
        )
    );
}

#[test]
fn on_postgres_a_value_becomes_what_its_column_is() {
    let labels = ColumnType::Enum(["draft".to_owned()].into());
    let rows = vec![vec![Value::Int(1), "draft".into(), true.into()]];
    let given = Given { id: 1, rows, kinds: vec![ColumnType::Integer, labels, ColumnType::Boolean] };
    let set = |value| {
        let update = update(posts(), &[("state", value)], belong(&given));
        let sql = postgres(UpdateEach { given: given.clone(), update });
        sql.split_once(" SET ").unwrap().1.split_once(" FROM ").unwrap().0.to_owned()
    };
    // The table may be somebody else's, and the type have another name.
    let label = r#"(jsonb_populate_record(NULL::"posts", jsonb_build_object('state', t1.column2)))."state""#;
    assert_eq!(set(given.value(1)), format!(r#""state" = {label}"#));
    let chosen = format!(r#""state" = CASE WHEN t1.column3 = $1 THEN {label} ELSE t0."state" END"#);
    assert_eq!(set(sometimes(&given, "state")), chosen);
}
