//! Expressions that are not JSON.

use crate::database::{text, with_binds};
use crate::fixture::{column, fixture, insert, posts, users};
use crate::postgres::{Both, postgres};
use reprieve_core::query::{Expr, Predicate, Select, Source};
use reprieve_core::sql::key_text;
use reprieve_core::value::Value;

fn key_text_of(expr: Expr) -> Expr {
    Expr::KeyText(Box::new(expr))
}

#[test]
fn rows_are_counted() {
    assert_eq!(
        text(Select::columns(posts(), vec![Expr::Count])),
        r#"SELECT count(*) FROM "posts" WHERE "deleted_at" IS NULL"#
    );
}

#[test]
fn the_text_of_a_key_depends_on_its_type() {
    let countries = Source::live(0, &fixture().countries);
    assert_eq!(
        text(Select::columns(posts(), vec![key_text_of(posts().key())])),
        r#"SELECT CAST("id" AS TEXT) FROM "posts" WHERE "deleted_at" IS NULL"#
    );
    assert_eq!(
        text(Select::columns(countries.clone(), vec![key_text_of(countries.key())])),
        r#"SELECT "code" FROM "countries""#
    );
}

#[test]
fn the_text_of_a_bound_key_is_made_before_it_is_bound() {
    let (sql, binds) = with_binds(Select::columns(posts(), vec![key_text_of(Expr::Bind(Value::Int(7)))]));
    assert_eq!(sql, r#"SELECT ? FROM "posts" WHERE "deleted_at" IS NULL"#);
    assert_eq!(binds, ["7".into()]);
}

#[test]
fn the_database_and_the_engine_make_the_same_text_of_a_key() {
    let db = Both::new();
    let uuid = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef";
    let row = |id: i64, title: &str, token: Value, any: Value, data: Value| {
        vec![Value::Int(id), title.into(), token, any, data]
    };
    let rows = vec![
        row(-7, "a", uuid.into(), uuid.into(), Value::Bytes(vec![10, 255])),
        row(8, "b", Value::Null, 12.into(), Value::Null),
        row(9, "c", Value::Null, "x".into(), Value::Null),
    ];
    db.run(insert(&fixture().posts, &["id", "title", "token", "any", "data"], rows));
    let texts = ["id", "token", "any", "data", "title"].map(|name| key_text_of(column(&posts(), name)));
    assert_eq!(
        db.run(Select::columns(posts(), texts.to_vec())),
        [
            "-7|01234567-89ab-cdef-0123-456789abcdef|01234567-89ab-cdef-0123-456789abcdef|0aff|a",
            "8|NULL|12|NULL|b",
            "9|NULL|x|NULL|c"
        ]
    );
    assert_eq!(key_text(&Value::Uuid(uuid)).unwrap(), "01234567-89ab-cdef-0123-456789abcdef");
    assert_eq!(key_text(&Value::Int(-7)).unwrap(), "-7");
    assert_eq!(key_text(&Value::Bytes(vec![10, 255])).unwrap(), "0aff");
    assert_eq!(key_text(&Value::Null), None);
}

#[test]
fn a_sub_query_that_finds_nothing_is_null() {
    let db = Both::new();
    db.execute("INSERT INTO posts (id, title) VALUES (1, 'a')");
    let email = Select::columns(users(), vec![column(&users(), "email")]).filter(Predicate::True);
    assert_eq!(db.run(Select::columns(posts(), vec![Expr::Scalar(Box::new(email))])), ["NULL"]);
}

#[test]
fn the_text_of_a_key_depends_on_its_type_on_postgres_too() {
    let of = |expr| {
        let sql = postgres(Select::columns(posts(), vec![key_text_of(expr)]));
        sql.strip_suffix(r#" FROM "posts" WHERE "deleted_at" IS NULL"#).unwrap().replace("SELECT ", "")
    };
    assert_eq!(of(posts().key()), r#""id"::text"#);
    assert_eq!(of(column(&posts(), "title")), r#""title""#);
    assert_eq!(of(column(&posts(), "published")), r#""published"::int::text"#);
    assert_eq!(of(column(&posts(), "day")), r#"to_char("day", 'YYYY-MM-DD')"#);
    assert_eq!(of(column(&posts(), "time")), r#"to_char("time", 'HH24:MI:SS.US')"#);
    assert_eq!(of(Expr::Bind(Value::Int(7))), "$1::text");
}

#[test]
fn one_branch_tells_the_type_of_the_other() {
    let either = |then, otherwise| {
        let one =
            Expr::If(Box::new(Predicate::equals(posts().key(), 1)), Box::new(then), Box::new(otherwise));
        let sql = postgres(Select::columns(posts(), vec![one]));
        sql.split_once(" THEN ").unwrap().1.split_once(" END").unwrap().0.to_owned()
    };
    let value = || Expr::Bind(Value::Null);
    assert_eq!(either(value(), column(&posts(), "at")), r#"$2::timestamptz ELSE "at""#);
    assert_eq!(
        either(column(&posts(), "state"), value()),
        r#""state" ELSE COALESCE((NULL::"posts")."state", $2)"#
    );
    assert_eq!(either(value(), value()), "$2 ELSE $3");
}
