//! Expressions that are not JSON.

use crate::database::{Database, text, with_binds};
use crate::fixture::{column, fixture, posts, users};
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
    let db = Database::new();
    let uuid = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef";
    let insert = "INSERT INTO posts (id, title, token, any, data) VALUES (-7, 'a', ?1, ?1, x'0aff')";
    db.0.execute(insert, [uuid]).unwrap();
    db.execute("INSERT INTO posts (id, title, any) VALUES (8, 'b', 12), (9, 'c', 'x')");
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
    let db = Database::new();
    db.execute("INSERT INTO posts (id, title) VALUES (1, 'a')");
    let email = Select::columns(users(), vec![column(&users(), "email")]).filter(Predicate::True);
    assert_eq!(db.run(Select::columns(posts(), vec![Expr::Scalar(Box::new(email))])), ["NULL"]);
}
