//! What belongs to a set of keys, in one statement.

use crate::fixture::{fixture, position};
use reprieve_core::query::{RelationPath, Statement, Via, Visibility};
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
    let links = Table::links("likes", ("user_id", "users"), ("post_id", "posts")).unwrap();
    let via = Via::Links { table: links, near: 1, far: 0 };
    let path = RelationPath { target: fixture().users.clone(), via };
    assert_eq!(
        text(&path, 1, Visibility::Live),
        r#"SELECT t1."id", t1."email", t1."country", t1."deleted_at", t0."post_id" FROM "likes" AS t0 JOIN "users" AS t1 ON t1."deleted_at" IS NULL AND t1."id" = t0."user_id" WHERE t0."post_id" IN (?) ORDER BY t0."post_id", t1."id""#
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
