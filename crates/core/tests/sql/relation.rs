//! What belongs to a set of keys, in one statement.

use crate::fixture::{fixture, position};
use reprieve_core::query::{Order, Predicate, RelationPath, Select, Source, Statement, Via, Visibility};
use reprieve_core::schema::{Schema, Table};
use reprieve_core::sql::{Dialect, compile, create_table};
use reprieve_core::value::Value;

fn text(path: &RelationPath, keys: usize, visibility: Visibility) -> String {
    let keys = (0..keys as i64).map(Value::Int).collect();
    compile(&Statement::Select(path.select(keys, visibility)), Dialect::Sqlite).unwrap().0
}

fn author() -> RelationPath {
    RelationPath { target: fixture().users.clone(), via: Via::Column(fixture().users.primary_key) }
}

fn posts() -> RelationPath {
    let posts = &fixture().posts;
    RelationPath { target: posts.clone(), via: Via::Column(position(posts, "author_id")) }
}

fn fans() -> RelationPath {
    let links = Table::links("likes", ("user_id", "users"), ("post_id", "posts")).unwrap();
    RelationPath { target: fixture().users.clone(), via: Via::Links { table: links, near: 1, far: 0 } }
}

#[test]
fn a_reference_leads_to_live_rows_by_their_key() {
    assert_eq!(
        text(&author(), 2, Visibility::Live),
        r#"SELECT "id", "email", "country", "deleted_at", "id" FROM "users" WHERE "deleted_at" IS NULL AND "id" IN (?, ?)"#
    );
}

#[test]
fn a_reference_leads_to_deleted_rows_when_asked() {
    let text = text(&author(), 1, Visibility::Any);
    assert!(text.ends_with(r#"FROM "users" WHERE "id" IN (?)"#), "{text}");
}

#[test]
fn rows_that_refer_come_by_what_they_refer_to_and_their_key() {
    let text = text(&posts(), 1, Visibility::Live);
    let end = r#"FROM "posts" WHERE "deleted_at" IS NULL AND "author_id" IN (?) ORDER BY "author_id", "id""#;
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_row_that_is_linked_has_to_be_live_where_it_is_joined() {
    assert_eq!(
        text(&fans(), 1, Visibility::Live),
        r#"SELECT t0."id", t0."email", t0."country", t0."deleted_at", t255."post_id" FROM "likes" AS t255 JOIN "users" AS t0 ON t0."deleted_at" IS NULL AND t0."id" = t255."user_id" WHERE t255."post_id" IN (?) ORDER BY t255."post_id", t0."id""#
    );
}

#[test]
fn rows_of_a_relation_are_narrowed_and_ordered_as_asked() {
    let row = Source::live(0, &fixture().posts);
    let mut select = Select::columns(row.clone(), vec![row.key()]);
    select.order.push(Order::descending(row.column(position(&fixture().posts, "author_id"))));
    let select = posts().among(select.filter(Predicate::equals(row.key(), 7)), vec![Value::Int(1)]);
    assert_eq!(
        compile(&Statement::Select(select), Dialect::Sqlite).unwrap().0,
        r#"SELECT "id", "author_id" FROM "posts" WHERE "deleted_at" IS NULL AND "author_id" IN (?) AND "id" = ? ORDER BY "author_id" DESC, "id""#
    );
}

#[test]
fn what_belongs_to_one_row_is_a_condition() {
    let belongs = |path: &RelationPath, key: Value| {
        let row = Source::live(0, &path.target);
        let select = Select::columns(row.clone(), vec![row.key()]).filter(path.belongs(&row, key));
        compile(&Statement::Select(select), Dialect::Sqlite).unwrap().0
    };
    assert_eq!(
        belongs(&posts(), Value::Int(1)),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL AND "author_id" = ?"#
    );
    assert_eq!(
        belongs(&fans(), Value::Int(1)),
        r#"SELECT t0."id" FROM "users" AS t0 WHERE t0."deleted_at" IS NULL AND t0."id" IN (SELECT t255."user_id" FROM "likes" AS t255 WHERE t255."post_id" = ?)"#
    );
    assert_eq!(
        belongs(&posts(), Value::Null),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL AND 1 = 0"#,
        "posts without an author are nobody's"
    );
}

#[test]
fn lists_of_similar_length_have_one_text() {
    assert_eq!(text(&posts(), 1000, Visibility::Live), text(&posts(), 1024, Visibility::Live));
    assert_ne!(text(&posts(), 1, Visibility::Live), text(&posts(), 2, Visibility::Live));
}

#[test]
fn links_have_their_pair_as_the_key() {
    let schema = Schema::new();
    for table in [&fixture().users, &fixture().posts, &fixture().countries] {
        schema.declare(table.clone()).unwrap();
    }
    let links = Table::links("likes", ("user_id", "users"), ("post_id", "posts")).unwrap();
    schema.declare(links.clone()).unwrap();
    assert_eq!(
        create_table(&links, &schema.graph().unwrap(), Dialect::Sqlite).unwrap(),
        [
            r#"CREATE TABLE IF NOT EXISTS "likes" (
  "user_id" INTEGER NOT NULL REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "post_id" INTEGER NOT NULL REFERENCES "posts"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY ("user_id", "post_id")
) WITHOUT ROWID"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_likes_post_id" ON "likes" ("post_id")"#,
        ]
    );
}
