//! `SELECT`.

use crate::database::text;
use crate::fixture::{column, fixture, keys, posts, users};
use crate::postgres::postgres;
use reprieve_core::error::Kind;
use reprieve_core::query::{Comparison, Expr, Lock, Order, Predicate, Select, Source, Statement};
use reprieve_core::schema::{Column, ColumnType, Table};
use reprieve_core::sql::{Dialect, compile};

#[test]
fn the_rows_of_a_source_have_its_visible_columns() {
    let users = Source::live(0, &fixture().users);
    assert_eq!(
        text(Select::rows(users)),
        r#"SELECT "id", "email", "country", "deleted_at" FROM "users" WHERE "deleted_at" IS NULL"#
    );
}

#[test]
fn a_hidden_column_is_read_when_it_is_asked_for() {
    let id = column(&posts(), "deletion_id");
    assert_eq!(
        text(Select::columns(posts(), vec![id])),
        r#"SELECT "deletion_id" FROM "posts" WHERE "deleted_at" IS NULL"#
    );
}

#[test]
fn limit_and_offset_are_literal_numbers() {
    let page =
        Select { offset: 40, ..keys(posts(), Predicate::True).order_by(Order::ascending(posts().key())) };
    assert_eq!(
        text(page.clone().limit(20)),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL ORDER BY "id" LIMIT 20 OFFSET 40"#
    );
    assert_eq!(
        text(page),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL ORDER BY "id" LIMIT -1 OFFSET 40"#
    );
    assert_eq!(
        text(keys(posts(), Predicate::True).limit(u64::MAX)),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL LIMIT 9223372036854775807"#
    );
}

#[test]
fn a_sub_query_speaks_of_the_rows_around_it() {
    let inner = Source::live(2, &fixture().posts);
    let newest = Predicate::Compare(
        column(&inner, "author_id"),
        reprieve_core::query::Comparison::Equal,
        column(&users(), "id"),
    );
    let title = column(&inner, "title");
    let title = Select::columns(inner.clone(), vec![title])
        .filter(newest)
        .order_by(Order::descending(inner.key()))
        .limit(1);
    assert_eq!(
        text(Select::columns(users(), vec![users().key(), Expr::Scalar(Box::new(title))])),
        concat!(
            r#"SELECT t1."id", (SELECT t2."title" FROM "posts" AS t2 WHERE t2."deleted_at" IS NULL AND "#,
            r#"t2."author_id" = t1."id" ORDER BY t2."id" DESC LIMIT 1) "#,
            r#"FROM "users" AS t1 WHERE t1."deleted_at" IS NULL"#
        )
    );
}

#[test]
fn a_quote_in_a_name_is_doubled() {
    let table = Table::builder("Odd", "od\"d")
        .column(Column::new("a\"; DROP TABLE posts; --", ColumnType::Integer).primary_key())
        .build()
        .unwrap();
    let select = Statement::Select(Select::rows(Source::live(0, &table)));
    let (text, _) = compile(&select, Dialect::Sqlite).unwrap();
    assert_eq!(text, r#"SELECT "a""; DROP TABLE posts; --" FROM "od""d""#);
}

#[test]
fn a_statement_that_contradicts_itself_is_a_fault_of_reprieve() {
    let refused = |select: Select| {
        let error = compile(&Statement::Select(select), Dialect::Sqlite).unwrap_err();
        assert_eq!(error.kind(), Kind::Internal);
        error.to_string()
    };
    let unknown = refused(Select::columns(posts(), vec![users().key()]));
    assert!(unknown.starts_with("a column names the table reference 1, which is not in scope"), "{unknown}");
    let beyond = refused(Select::columns(posts(), vec![posts().column(99)]));
    assert!(beyond.starts_with("a statement names column 99 of 'posts', which has fewer"), "{beyond}");
    let twice = Predicate::Exists(Box::new(Select::rows(posts())));
    let twice = refused(keys(posts(), twice));
    assert!(twice.starts_with("two table references of a statement have the number 0"), "{twice}");
    // A reference is in scope in its own query and further in, not beside it.
    let inner = Predicate::Exists(Box::new(Select::rows(users())));
    refused(keys(posts(), inner.and(Predicate::IsNull(users().key(), true))));
}

#[test]
fn postgres_numbers_its_placeholders_and_adds_nothing_to_a_get() {
    let get = Select::rows(Source::live(0, &fixture().users)).filter(Predicate::equals(posts().key(), 7));
    assert_eq!(
        postgres(get),
        r#"SELECT "id", "email", "country", "deleted_at" FROM "users" WHERE "deleted_at" IS NULL AND "id" = $1"#
    );
}

#[test]
fn an_offset_needs_no_limit_on_postgres() {
    let rest = Select { offset: 40, ..keys(posts(), Predicate::True) };
    assert_eq!(postgres(rest), r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL OFFSET 40"#);
}

#[test]
fn a_value_alone_is_text_on_postgres() {
    let value = Select::columns(posts(), vec![Expr::Bind("a".into())]);
    assert_eq!(postgres(value), r#"SELECT $1::text FROM "posts" WHERE "deleted_at" IS NULL"#);
}

#[test]
fn rows_are_locked_where_several_transactions_write() {
    let select = || keys(posts(), Predicate::True).order_by(Order::ascending(posts().key()));
    let sql = r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL ORDER BY "id""#;
    assert_eq!(text(select().lock(Lock::Change)), sql);
    assert_eq!(postgres(select().lock(Lock::Change)), format!(r#"{sql} FOR UPDATE OF "posts""#));
    assert_eq!(postgres(select().lock(Lock::Keep)), format!(r#"{sql} FOR KEY SHARE OF "posts""#));
    assert_eq!(
        postgres(Statement::Lock(select().lock(Lock::Keep))),
        format!(r#"SELECT count(*) FROM ({sql} FOR KEY SHARE OF "posts") AS reprieve_locked"#)
    );
}

#[test]
fn of_tables_that_are_joined_only_the_rows_read_are_locked() {
    let author = Predicate::Compare(users().key(), Comparison::Equal, column(&posts(), "author_id"));
    let select = keys(posts(), Predicate::True).join(users(), author).lock(Lock::Change);
    assert!(postgres(select).ends_with(" FOR UPDATE OF t0"));
}
