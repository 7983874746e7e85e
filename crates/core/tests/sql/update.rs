//! `UPDATE`.

use crate::database::{Database, text, with_binds};
use crate::fixture::{IntoStatement, column, fixture, keys, position, posts, update, users};
use crate::postgres::postgres;
use reprieve_core::error::Kind;
use reprieve_core::query::{Expr, Predicate, Select, Source, Update};
use reprieve_core::sql::{Dialect, compile};
use reprieve_core::value::Value;

#[test]
fn one_row_is_changed_by_its_key() {
    let set = [("title", Expr::Bind("new".into())), ("body", Expr::Bind(Value::Null))];
    let (sql, binds) = with_binds(update(posts(), &set, Predicate::equals(posts().key(), 7)));
    assert_eq!(sql, r#"UPDATE "posts" SET "title" = ?, "body" = ? WHERE "deleted_at" IS NULL AND "id" = ?"#);
    assert_eq!(binds, ["new".into(), Value::Null, Value::Int(7)]);
}

#[test]
fn a_cascade_marks_the_live_children_of_the_rows_a_deletion_took() {
    let deletion = Value::Uuid([7; 16]);
    let parents = Source::any(1, &fixture().users);
    let taken = keys(parents.clone(), Predicate::equals(column(&parents, "deletion_id"), [7; 16]));
    let children = Predicate::InSelect(column(&posts(), "author_id"), Box::new(taken));
    let set = [("deletion_id", Expr::Bind(deletion))];
    let cascade = Update { returning: vec![0], ..update(posts(), &set, children) };
    assert_eq!(
        text(cascade),
        concat!(
            r#"UPDATE "posts" AS t0 SET "deletion_id" = ? WHERE t0."deleted_at" IS NULL AND t0."author_id" IN "#,
            r#"(SELECT t1."id" FROM "users" AS t1 WHERE t1."deletion_id" = ?) RETURNING "id""#
        )
    );
}

#[test]
fn a_column_can_become_another_columns_value() {
    let set = [("body", column(&posts(), "title"))];
    assert_eq!(
        text(update(posts(), &set, Predicate::True)),
        r#"UPDATE "posts" SET "body" = "title" WHERE "deleted_at" IS NULL"#
    );
}

#[test]
fn a_column_can_become_what_a_sub_query_finds() {
    let email = Expr::Scalar(Box::new(Select::columns(users(), vec![column(&users(), "email")])));
    assert_eq!(
        text(update(posts(), &[("body", email)], Predicate::True)),
        concat!(
            r#"UPDATE "posts" AS t0 SET "body" = (SELECT t1."email" FROM "users" AS t1 "#,
            r#"WHERE t1."deleted_at" IS NULL) WHERE t0."deleted_at" IS NULL"#
        )
    );
}

#[test]
fn an_update_that_sets_nothing_is_a_fault_of_reprieve() {
    let nothing = update(posts(), &[], Predicate::True).statement();
    assert_eq!(compile(&nothing, Dialect::Sqlite).unwrap_err().kind(), Kind::Internal);
}

#[test]
fn rows_change_and_deleted_ones_do_not() {
    let db = Database::new();
    db.execute("INSERT INTO posts (id, title, deleted_at) VALUES (1, 'a', NULL), (2, 'b', '2025-01-01')");
    let all = Update {
        returning: vec![0, position(&fixture().posts, "title")],
        ..update(posts(), &[("title", Expr::Bind("new".into()))], Predicate::True)
    };
    assert_eq!(db.run(all), ["1|new"]);
}

#[test]
fn postgres_hands_back_columns_of_the_rows_changed() {
    let deletion = Value::Uuid([7; 16]);
    let parents = Source::any(1, &fixture().users);
    let taken = keys(parents.clone(), Predicate::equals(column(&parents, "deletion_id"), [7; 16]));
    let children = Predicate::InSelect(column(&posts(), "author_id"), Box::new(taken));
    let cascade =
        Update { returning: vec![0], ..update(posts(), &[("deletion_id", Expr::Bind(deletion))], children) };
    assert_eq!(
        postgres(cascade),
        concat!(
            r#"UPDATE "posts" AS t0 SET "deletion_id" = $1 WHERE t0."deleted_at" IS NULL AND t0."author_id" IN "#,
            r#"(SELECT t1."id" FROM "users" AS t1 WHERE t1."deletion_id" = $2) RETURNING t0."id""#
        )
    );
}

#[test]
fn a_column_takes_what_one_of_any_type_holds_as_its_own_type() {
    let other = Source::any(1, &fixture().posts);
    let set = |name| {
        let old = Select::columns(other.clone(), vec![column(&other, "any")]).limit(1);
        let sql = postgres(update(posts(), &[(name, Expr::Scalar(Box::new(old)))], Predicate::True));
        sql.split_once(r#" = (SELECT "#).unwrap().1.split_once(" FROM ").unwrap().0.to_owned()
    };
    assert_eq!(set("author_id"), r#"t1."any"::bigint"#);
    assert_eq!(set("token"), r#"t1."any"::uuid"#);
    assert_eq!(set("title"), r#"t1."any""#);
    assert_eq!(set("data"), r#"decode(t1."any", 'hex')"#);
    assert_eq!(set("at"), r#"(t1."any"::timestamp AT TIME ZONE 'UTC')"#);
    let label = r#"(jsonb_populate_record(NULL::"posts", jsonb_build_object('state', t1."any")))."state""#;
    assert_eq!(set("state"), label);
}
