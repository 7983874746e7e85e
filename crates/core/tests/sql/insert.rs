//! `INSERT`.

use crate::database::{Database, text, with_binds};
use crate::fixture::{IntoStatement, column, fixture, insert, position, posts, users};
use reprieve_core::error::Kind;
use reprieve_core::query::{Expr, Insert, Predicate, Rows, Select, Source};
use reprieve_core::sql::{Dialect, compile};
use reprieve_core::value::Value;

#[test]
fn one_row_hands_back_its_key() {
    let table = &fixture().users;
    let row = Insert { returning: vec![0], ..insert(table, &["email"], vec![vec!["a@b".into()]]) };
    let (sql, binds) = with_binds(row);
    assert_eq!(sql, r#"INSERT INTO "users" ("email") VALUES (?) RETURNING "id""#);
    assert_eq!(binds, ["a@b".into()]);
}

#[test]
fn several_rows_are_one_statement() {
    let rows = vec![vec![Value::Int(1), "a".into()], vec![Value::Null, "b".into()]];
    let (sql, binds) = with_binds(insert(&fixture().users, &["id", "email"], rows));
    assert_eq!(sql, r#"INSERT INTO "users" ("id", "email") VALUES (?, ?), (?, ?)"#);
    assert_eq!(binds, [Value::Int(1), "a".into(), Value::Null, "b".into()]);
}

#[test]
fn a_row_of_nothing_has_the_databases_defaults() {
    let table = &fixture().posts;
    assert_eq!(text(insert(table, &[], vec![vec![]])), r#"INSERT INTO "posts" DEFAULT VALUES"#);
    assert_eq!(
        text(insert(table, &[], vec![vec![]; 2])),
        r#"INSERT INTO "posts" ("id") VALUES (NULL), (NULL)"#
    );
}

#[test]
fn rows_come_from_a_query_of_the_same_table_or_another() {
    let table = &fixture().posts;
    let from = |select: Select| Insert {
        table: table.clone(),
        columns: vec![position(table, "title"), position(table, "author_id")],
        rows: Rows::Select(Box::new(select)),
        returning: vec![0],
    };
    let users = Source::live(0, &fixture().users);
    let welcome = Select::columns(users.clone(), vec![Expr::Bind("Welcome".into()), users.key()]);
    assert_eq!(
        text(from(welcome.filter(Predicate::equals(column(&users, "email"), "a@b")))),
        concat!(
            r#"INSERT INTO "posts" ("title", "author_id") SELECT ?, "id" FROM "users" "#,
            r#"WHERE "deleted_at" IS NULL AND "email" = ? RETURNING "id""#
        )
    );
    let everything = Select::columns(Source::any(0, table), vec![posts().column(1), posts().column(4)]);
    assert_eq!(
        text(from(everything)),
        r#"INSERT INTO "posts" ("title", "author_id") SELECT "title", "author_id" FROM "posts" RETURNING "id""#
    );
}

#[test]
fn a_sub_query_in_the_query_has_aliases() {
    let table = &fixture().posts;
    let someone = Predicate::InSelect(
        column(&posts(), "author_id"),
        Box::new(crate::fixture::keys(users(), Predicate::True)),
    );
    let copy = Insert {
        table: table.clone(),
        columns: vec![1],
        rows: Rows::Select(Box::new(Select::columns(posts(), vec![posts().column(1)]).filter(someone))),
        returning: vec![],
    };
    assert_eq!(
        text(copy),
        concat!(
            r#"INSERT INTO "posts" ("title") SELECT t0."title" FROM "posts" AS t0 WHERE t0."deleted_at" IS NULL "#,
            r#"AND t0."author_id" IN (SELECT t1."id" FROM "users" AS t1 WHERE t1."deleted_at" IS NULL)"#
        )
    );
}

#[test]
fn rows_that_do_not_fit_the_columns_are_a_fault_of_reprieve() {
    let table = &fixture().users;
    let key_only = Select::columns(posts(), vec![posts().key()]);
    for wrong in [
        insert(table, &["email"], vec![]),
        insert(table, &[], vec![]),
        insert(table, &[], vec![vec![Value::Null]]),
        insert(table, &["id", "email"], vec![vec![Value::Null]]),
        insert(&fixture().countries, &[], vec![vec![], vec![]]),
        Insert { rows: Rows::Select(Box::new(key_only)), ..insert(table, &["id", "email"], vec![]) },
    ] {
        let statement = wrong.statement();
        assert_eq!(compile(&statement, Dialect::Sqlite).unwrap_err().kind(), Kind::Internal, "{statement:?}");
    }
}

#[test]
fn rows_arrive() {
    let db = Database::new();
    let table = &fixture().users;
    let rows = Insert {
        returning: vec![0, 1],
        ..insert(table, &["email"], vec![vec!["a".into()], vec!["b".into()]])
    };
    assert_eq!(db.run(rows), ["1|a", "2|b"]);
}
