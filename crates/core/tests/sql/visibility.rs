//! A deleted row is invisible wherever a table is referred to.

use crate::database::text;
use crate::fixture::{column, fixture, insert, keys, position, posts, update, users};
use crate::postgres::Both;
use reprieve_core::query::{Delete, Expr, Insert, Predicate, Rows, Select, Source, Visibility};

fn deleted(id: u8) -> Source {
    Source::new(id, &fixture().posts, Visibility::Deleted)
}

/// The keys of the authors of posts in the sub-query.
fn authors(posts: Source) -> Select {
    let author = column(&posts, "author_id");
    Select::columns(posts, vec![author])
}

#[test]
fn a_select_sees_live_rows() {
    assert_eq!(
        text(keys(posts(), Predicate::True)),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL"#
    );
}

#[test]
fn a_select_of_deleted_rows_sees_no_live_one() {
    assert_eq!(
        text(keys(deleted(0), Predicate::True)),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NOT NULL"#
    );
}

#[test]
fn a_select_of_any_rows_says_nothing() {
    assert_eq!(text(keys(Source::any(0, &fixture().posts), Predicate::True)), r#"SELECT "id" FROM "posts""#);
}

#[test]
fn a_table_without_soft_delete_has_no_marker() {
    for visibility in [Visibility::Live, Visibility::Deleted, Visibility::Any] {
        let countries = Source::new(0, &fixture().countries, visibility);
        assert_eq!(text(keys(countries, Predicate::True)), r#"SELECT "code" FROM "countries""#);
    }
}

#[test]
fn the_marker_comes_first_and_an_or_cannot_get_around_it() {
    let title = |value: &str| Predicate::equals(column(&posts(), "title"), value);
    let either = Predicate::Or(vec![title("a"), title("b")]);
    let expected = r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL AND ("title" = ? OR "title" = ?)"#;
    assert_eq!(text(keys(posts(), either.clone())), expected);
    assert_eq!(text(keys(posts(), Predicate::And(vec![either.clone()]))), expected);
    assert_eq!(text(keys(posts(), Predicate::Or(vec![either]))), expected);
}

#[test]
fn a_sub_select_sees_live_rows_of_its_own_table() {
    let filter = Predicate::InSelect(users().key(), Box::new(authors(posts())));
    assert_eq!(
        text(keys(users(), filter)),
        concat!(
            r#"SELECT t1."id" FROM "users" AS t1 WHERE t1."deleted_at" IS NULL AND t1."id" IN "#,
            r#"(SELECT t0."author_id" FROM "posts" AS t0 WHERE t0."deleted_at" IS NULL)"#
        )
    );
}

#[test]
fn the_visibility_of_a_sub_select_is_its_own() {
    let filter = Predicate::InSelect(users().key(), Box::new(authors(deleted(0))));
    assert_eq!(
        text(keys(Source::any(1, &fixture().users), filter)),
        concat!(
            r#"SELECT t1."id" FROM "users" AS t1 WHERE t1."id" IN "#,
            r#"(SELECT t0."author_id" FROM "posts" AS t0 WHERE t0."deleted_at" IS NOT NULL)"#
        )
    );
}

#[test]
fn exists_looks_at_live_rows() {
    let of_user = Predicate::Compare(
        column(&posts(), "author_id"),
        reprieve_core::query::Comparison::Equal,
        users().key(),
    );
    let filter = Predicate::Exists(Box::new(Select::columns(posts(), vec![]).filter(of_user)));
    assert_eq!(
        text(keys(users(), filter)),
        concat!(
            r#"SELECT t1."id" FROM "users" AS t1 WHERE t1."deleted_at" IS NULL AND EXISTS "#,
            r#"(SELECT 1 FROM "posts" AS t0 WHERE t0."deleted_at" IS NULL AND t0."author_id" = t1."id")"#
        )
    );
}

#[test]
fn a_scalar_sub_select_looks_at_live_rows() {
    let count = Expr::Scalar(Box::new(Select::columns(posts(), vec![Expr::Count])));
    assert_eq!(
        text(Select::columns(users(), vec![count])),
        concat!(
            r#"SELECT (SELECT count(*) FROM "posts" AS t0 WHERE t0."deleted_at" IS NULL) "#,
            r#"FROM "users" AS t1 WHERE t1."deleted_at" IS NULL"#
        )
    );
}

#[test]
fn an_update_changes_live_rows() {
    let change = update(posts(), &[("title", Expr::Bind("new".into()))], Predicate::True);
    assert_eq!(text(change), r#"UPDATE "posts" SET "title" = ? WHERE "deleted_at" IS NULL"#);
}

#[test]
fn a_delete_removes_live_rows() {
    let delete = Delete { target: posts(), filter: Predicate::equals(posts().key(), 1) };
    assert_eq!(text(delete), r#"DELETE FROM "posts" WHERE "deleted_at" IS NULL AND "id" = ?"#);
}

#[test]
fn an_insert_from_a_select_reads_live_rows() {
    let rows = Rows::Select(Box::new(authors(posts())));
    let table = &fixture().posts;
    let copy = Insert { columns: vec![position(table, "title")], rows, ..insert(table, &[], vec![]) };
    assert_eq!(
        text(copy),
        r#"INSERT INTO "posts" ("title") SELECT "author_id" FROM "posts" WHERE "deleted_at" IS NULL"#
    );
}

#[test]
fn a_deleted_row_is_seen_by_no_live_reference() {
    let db = Both::new();
    db.execute(
        "INSERT INTO users (id, email, deleted_at) VALUES (1, 'a', NULL), (2, 'b', '2025-01-01'), (3, 'c', NULL);
         INSERT INTO posts (id, title, author_id, deleted_at) VALUES (1, 't', 1, NULL), (2, 'u', 3, '2025-01-01')",
    );
    let has_post = |source| Predicate::InSelect(users().key(), Box::new(authors(source)));
    assert_eq!(db.run(keys(users(), Predicate::True)), ["1", "3"]);
    assert_eq!(db.run(keys(users(), has_post(posts()))), ["1"]);
    assert_eq!(db.run(keys(users(), has_post(deleted(0)))), ["3"]);
    assert_eq!(db.run(keys(users(), Predicate::Not(Box::new(has_post(posts()))))), ["3"]);
}
