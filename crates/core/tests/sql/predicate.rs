//! Predicates: their text, and which rows they select, NULL above all.

use crate::database::with_binds;
use crate::fixture::{IntoStatement, column, keys, posts, users};
use crate::postgres::{Both, Postgres, postgres, with_postgres_binds};
use reprieve_core::error::Kind;
use reprieve_core::query::{Comparison, Expr, Predicate, Select, Source};
use reprieve_core::sql::{Compiler, Dialect, compile};
use reprieve_core::value::Value;

fn rating() -> Expr {
    column(&posts(), "rating")
}

fn compare(how: Comparison, value: impl Into<Value>) -> Predicate {
    Predicate::Compare(rating(), how, Expr::Bind(value.into()))
}

fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

fn is_in(values: &[Option<f64>]) -> Predicate {
    Predicate::In(rating(), values.iter().copied().map(Value::from).collect())
}

/// What the predicate adds to the WHERE, and how many values it binds.
fn written(predicate: Predicate) -> (String, usize) {
    let from = Source::any(0, &crate::fixture::fixture().posts);
    let (sql, binds) = with_binds(keys(from, predicate));
    let text = sql.strip_prefix(r#"SELECT "id" FROM "posts" WHERE "#).unwrap_or(&sql).to_owned();
    (text, binds.len())
}

/// Of three posts rated NULL, 1.0 and 2.0: those that the predicate selects.
fn selected(predicate: Predicate) -> String {
    thread_local! {
        static DATABASE: Both = {
            let db = Both::new();
            db.execute("INSERT INTO posts (id, title, rating) VALUES (0, 'a', NULL), (1, 'b', 1), (2, 'c', 2)");
            db
        };
    }
    DATABASE.with(|db| db.run(keys(posts(), predicate)).join(" "))
}

#[test]
fn equal_is_a_plain_comparison_that_an_index_serves() {
    assert_eq!(written(compare(Comparison::Equal, 1.0)), (r#""rating" = ?"#.into(), 1));
    assert_eq!(selected(compare(Comparison::Equal, 1.0)), "1");
}

#[test]
fn equal_to_null_finds_the_rows_that_hold_null() {
    assert_eq!(written(compare(Comparison::Equal, Value::Null)), (r#""rating" IS NULL"#.into(), 0));
    assert_eq!(selected(compare(Comparison::Equal, Value::Null)), "0");
    let turned = Predicate::Compare(Expr::Bind(Value::Null), Comparison::Equal, rating());
    assert_eq!(written(turned), (r#""rating" IS NULL"#.into(), 0));
}

#[test]
fn not_equal_includes_the_rows_that_hold_null() {
    assert_eq!(written(compare(Comparison::NotEqual, 1.0)), (r#""rating" IS NOT ?"#.into(), 1));
    assert_eq!(selected(compare(Comparison::NotEqual, 1.0)), "0 2");
}

#[test]
fn not_equal_to_null_leaves_out_the_rows_that_hold_null() {
    assert_eq!(written(compare(Comparison::NotEqual, Value::Null)), (r#""rating" IS NOT NULL"#.into(), 0));
    assert_eq!(selected(compare(Comparison::NotEqual, Value::Null)), "1 2");
}

#[test]
fn an_order_comparison_never_selects_null() {
    for (how, sign, rows) in [
        (Comparison::Less, "<", "1"),
        (Comparison::LessOrEqual, "<=", "1 2"),
        (Comparison::Greater, ">", ""),
        (Comparison::GreaterOrEqual, ">=", "2"),
    ] {
        assert_eq!(written(compare(how, 2.0)), (format!(r#""rating" {sign} ?"#), 1));
        assert_eq!(selected(compare(how, 2.0)), rows);
        assert_eq!(selected(compare(how, Value::Null)), "");
    }
}

#[test]
fn two_columns_compare() {
    let same = Predicate::Compare(column(&posts(), "title"), Comparison::Equal, column(&posts(), "body"));
    assert_eq!(written(same).0, r#""title" = "body""#);
    let other = Predicate::Compare(column(&posts(), "title"), Comparison::NotEqual, column(&posts(), "body"));
    assert_eq!(written(other).0, r#""title" IS NOT "body""#);
}

#[test]
fn not_selects_exactly_the_other_rows() {
    assert_eq!(written(not(compare(Comparison::Equal, 1.0))), (r#"("rating" = ?) IS NOT 1"#.into(), 1));
    for predicate in [
        Predicate::True,
        Predicate::And(vec![]),
        Predicate::Or(vec![]),
        compare(Comparison::Equal, 1.0),
        compare(Comparison::NotEqual, 1.0),
        compare(Comparison::Equal, Value::Null),
        compare(Comparison::Less, 2.0),
        compare(Comparison::Less, Value::Null),
        is_in(&[]),
        is_in(&[None]),
        is_in(&[Some(1.0)]),
        is_in(&[Some(1.0), None]),
        Predicate::Between(rating(), Value::Float(1.0), Value::Float(1.5)),
        Predicate::IsNull(rating(), true),
        Predicate::Or(vec![compare(Comparison::Equal, 1.0), compare(Comparison::Less, 0.0)]),
        Predicate::And(vec![compare(Comparison::Equal, 1.0), Predicate::IsNull(rating(), false)]),
        Predicate::Exists(Box::new(Select::rows(users()))),
        Predicate::InSelect(rating(), Box::new(Select::columns(users(), vec![users().key()]))),
    ] {
        let these = selected(predicate.clone());
        let others = selected(not(predicate.clone()));
        let mut all: Vec<&str> =
            these.split(' ').chain(others.split(' ')).filter(|s| !s.is_empty()).collect();
        all.sort_unstable();
        assert_eq!(all, ["0", "1", "2"], "{these:?} and {others:?} for {predicate:?}");
        assert_eq!(selected(not(not(predicate))), these);
    }
}

#[test]
fn not_is_plain_where_null_cannot_be() {
    let posts_of = Predicate::Exists(Box::new(Select::columns(users(), vec![])));
    assert_eq!(
        written(not(posts_of)).0,
        concat!(
            r#"SELECT t0."id" FROM "posts" AS t0 WHERE NOT (EXISTS (SELECT 1 FROM "users" AS t1 "#,
            r#"WHERE t1."deleted_at" IS NULL))"#
        )
    );
    assert_eq!(written(not(compare(Comparison::NotEqual, 1.0))).0, r#"NOT ("rating" IS NOT ?)"#);
    assert_eq!(written(not(Predicate::IsNull(rating(), true))).0, r#"NOT ("rating" IS NULL)"#);
}

#[test]
fn in_a_list_binds_each_value() {
    assert_eq!(written(is_in(&[Some(1.0), Some(2.0)])), (r#""rating" IN (?, ?)"#.into(), 2));
    assert_eq!(selected(is_in(&[Some(1.0), Some(3.0)])), "1");
}

#[test]
fn in_an_empty_list_is_no_row() {
    assert_eq!(written(is_in(&[])), ("1 = 0".into(), 0));
    assert_eq!(selected(is_in(&[])), "");
    assert_eq!(selected(not(is_in(&[]))), "0 1 2");
}

#[test]
fn null_in_a_list_finds_the_rows_that_hold_null() {
    assert_eq!(written(is_in(&[None])), (r#""rating" IS NULL"#.into(), 0));
    assert_eq!(written(is_in(&[None, Some(1.0)])), (r#"("rating" IN (?) OR "rating" IS NULL)"#.into(), 1));
    assert_eq!(selected(is_in(&[None, Some(1.0)])), "0 1");
    assert_eq!(selected(not(is_in(&[None, Some(1.0)]))), "2");
}

#[test]
fn a_long_list_of_keys_is_one_value() {
    let list = (0..10_000).map(Value::Int).collect();
    let statement = keys(posts(), Predicate::In(posts().key(), list)).statement();
    let (text, binds) = compile(&statement, Dialect::Sqlite).unwrap();
    assert!(text.ends_with(r#""id" IN (SELECT value FROM json_each(?))"#), "{text}");
    assert_eq!(binds.len(), 1);
}

#[test]
fn a_list_too_long_for_the_database_is_refused_with_its_limit() {
    let value = |n: i32| Value::Float(n.into());
    let list = |n: i32| keys(posts(), Predicate::In(rating(), (0..n).map(value).collect()));
    assert!(compile(&list(32_766).statement(), Dialect::Sqlite).is_ok());
    let mut binds = Vec::new();
    let error = Compiler::new(Dialect::Sqlite).compile(&list(32_767).statement(), &mut binds).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidValue);
    assert_eq!(
        error.to_string(),
        "A statement was given 32767 values, and the database takes at most 32766: give a list in several parts, \
         or use a sub-query"
    );
}

#[test]
fn between_includes_both_ends() {
    let between = Predicate::Between(rating(), Value::Float(1.0), Value::Float(2.0));
    assert_eq!(written(between.clone()), (r#""rating" BETWEEN ? AND ?"#.into(), 2));
    assert_eq!(selected(between), "1 2");
}

#[test]
fn and_and_or_nest_in_parentheses() {
    let (a, b) = (compare(Comparison::Equal, 1.0), compare(Comparison::Less, 2.0));
    let either = Predicate::Or(vec![a.clone(), b.clone()]);
    let text = r#"("rating" = ? OR "rating" < ?) AND "rating" = ?"#;
    assert_eq!(written(either.clone().and(a.clone())), (text.into(), 3));
    let text = r#"("rating" = ? AND "rating" < ?) OR "rating" = ?"#;
    assert_eq!(written(Predicate::Or(vec![a.clone().and(b), a.clone()])), (text.into(), 3));
    let text = r#"("rating" = ? OR "rating" < ?) IS NOT 1"#;
    assert_eq!(written(not(either)), (text.into(), 2));
    assert_eq!(written(Predicate::And(vec![Predicate::Or(vec![a])])), (r#""rating" = ?"#.into(), 1));
}

#[test]
fn all_of_nothing_is_every_row_and_one_of_nothing_is_none() {
    assert_eq!(selected(Predicate::And(vec![])), "0 1 2");
    assert_eq!(selected(Predicate::Or(vec![])), "");
    assert_eq!(written(Predicate::Or(vec![Predicate::True])).0, "1 = 1");
}

/// What the predicate adds to the WHERE on PostgreSQL.
fn on_postgres(predicate: Predicate) -> String {
    let sql = postgres(keys(Source::any(0, &crate::fixture::fixture().posts), predicate));
    sql.strip_prefix(r#"SELECT "id" FROM "posts" WHERE "#).unwrap_or(&sql).to_owned()
}

#[test]
fn postgres_tells_null_apart_by_distinct_and_true() {
    assert_eq!(on_postgres(compare(Comparison::NotEqual, 1.0)), r#""rating" IS DISTINCT FROM $1"#);
    assert_eq!(on_postgres(not(compare(Comparison::Equal, 1.0))), r#"("rating" = $1) IS NOT TRUE"#);
    assert_eq!(on_postgres(not(compare(Comparison::NotEqual, 1.0))), r#"NOT ("rating" IS DISTINCT FROM $1)"#);
    let (a, b) = (column(&posts(), "title"), column(&posts(), "body"));
    let other = Predicate::Compare(a, Comparison::NotEqual, b);
    assert_eq!(on_postgres(other), r#""title" IS DISTINCT FROM "body""#);
}

#[test]
fn a_list_is_one_value_on_postgres_however_long() {
    let sql = r#""rating" = ANY($1)"#;
    assert_eq!(on_postgres(is_in(&[Some(1.0)])), sql);
    assert_eq!(on_postgres(is_in(&vec![Some(1.0); 100_000])), sql);
    assert_eq!(on_postgres(is_in(&[None, Some(1.0)])), r#"("rating" = ANY($1) OR "rating" IS NULL)"#);
    assert_eq!(on_postgres(is_in(&[None])), r#""rating" IS NULL"#);
    assert_eq!(on_postgres(is_in(&[])), "1 = 0");
    let (_, binds) = with_postgres_binds(keys(posts(), is_in(&[None, Some(1.0)])));
    assert_eq!(binds, [Value::List(vec![Value::Float(1.0)])]);
}

#[test]
fn placeholders_have_the_types_of_the_columns_beside_them() {
    let Some(db) = Postgres::new() else { return };
    for (name, of) in [
        ("id", "int8"),
        ("title", "text"),
        ("published", "bool"),
        ("price", "numeric"),
        ("rating", "float8"),
        ("meta", "jsonb"),
        ("token", "uuid"),
        ("data", "bytea"),
        ("at", "timestamptz"),
        ("any", "text"),
        ("day", "date"),
        ("time", "time"),
        ("state", "posts_state_enum"),
        ("tags", "_text"),
    ] {
        let column = || column(&posts(), name);
        let value = || Expr::Bind(Value::Int(1));
        for predicate in [
            Predicate::Compare(column(), Comparison::Equal, value()),
            Predicate::Compare(value(), Comparison::NotEqual, column()),
            Predicate::Compare(column(), Comparison::GreaterOrEqual, value()),
        ] {
            let ordered = matches!(predicate, Predicate::Compare(_, Comparison::GreaterOrEqual, _));
            let of = if ordered && name == "state" { "text" } else { of };
            assert_eq!(db.types(&postgres(keys(posts(), predicate))), [of], "{name}");
        }
        let between = Predicate::Between(column(), 1.into(), 2.into());
        let ordered = if name == "state" { "text" } else { of };
        assert_eq!(db.types(&postgres(keys(posts(), between))), [ordered; 2], "{name}");
        if name != "tags" {
            let list = Predicate::In(column(), vec![1.into()]);
            assert_eq!(db.types(&postgres(keys(posts(), list))), [format!("_{of}")], "{name}");
        }
    }
}

#[test]
fn what_holds_texts_of_any_type_is_compared_as_what_it_is_compared_with() {
    let any = column(&posts(), "any");
    let is = |right| Predicate::Compare(column(&posts(), "any"), Comparison::Equal, right);
    // Its rows are looked through: a text that is no number must not be read as one.
    assert_eq!(on_postgres(is(column(&posts(), "id"))), r#""any" = "id"::text"#);
    let inside = Predicate::Exists(Box::new(keys(posts(), is(users().key()))));
    assert!(postgres(keys(users(), inside)).ends_with(r#"AND t0."any" = t1."id"::text)"#));
    // It stands for the row around: an index of the other side serves.
    let parents = Predicate::Compare(users().key(), Comparison::Equal, any.clone());
    let parents = Predicate::Exists(Box::new(keys(users(), parents)));
    assert!(postgres(keys(posts(), parents)).ends_with(r#"AND t1."id" = t0."any"::bigint)"#));
    let among = Predicate::InSelect(any.clone(), Box::new(keys(users(), Predicate::True)));
    assert!(postgres(keys(posts(), among)).contains(r#"t0."any"::bigint IN (SELECT t1."id" FROM"#));
    let noted = Select::columns(posts(), vec![any]);
    let noted = Predicate::InSelect(users().key(), Box::new(noted));
    assert!(postgres(keys(users(), noted)).contains(r#"t1."id" IN (SELECT t0."any"::bigint FROM"#));
}

#[test]
fn documents_are_compared_as_those_that_can_be_on_postgres() {
    let meta = || column(&posts(), "meta");
    let is = Predicate::equals(meta(), Value::Json("{}".into()));
    assert_eq!(on_postgres(is), r#""meta"::jsonb = $1"#);
    let differs = Predicate::Compare(meta(), Comparison::NotEqual, meta());
    assert_eq!(on_postgres(differs), r#""meta"::jsonb IS DISTINCT FROM "meta"::jsonb"#);
}
