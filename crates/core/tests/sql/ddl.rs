//! Tables and indexes.

use crate::database::Database;
use crate::fixture::fixture;
use reprieve_core::schema::{Column, ColumnType, ForeignKey, Journal, OnDelete, Schema, Table};
use reprieve_core::sql::{Dialect, create_table, drop_table};

fn created(table: &Table) -> Vec<String> {
    create_table(table, &fixture().graph, Dialect::Sqlite).unwrap()
}

#[test]
fn a_table_has_its_columns_types_and_references() {
    assert_eq!(
        created(&fixture().posts)[0],
        r#"CREATE TABLE IF NOT EXISTS "posts" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "title" TEXT NOT NULL,
  "body" TEXT,
  "published" INTEGER,
  "author_id" INTEGER REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "price" TEXT COLLATE reprieve_decimal,
  "rating" REAL,
  "meta" TEXT,
  "token" BLOB,
  "data" BLOB,
  "at" TEXT,
  "any",
  "deleted_at" TEXT,
  "deletion_id" BLOB
)"#
    );
}

#[test]
fn a_reference_has_the_type_and_the_name_of_the_key_it_points_to() {
    assert_eq!(
        created(&fixture().users)[0],
        r#"CREATE TABLE IF NOT EXISTS "users" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "email" TEXT NOT NULL,
  "country" TEXT REFERENCES "countries"("code") ON DELETE SET NULL ON UPDATE CASCADE,
  "deleted_at" TEXT,
  "deletion_id" BLOB
)"#
    );
}

#[test]
fn a_key_that_the_database_does_not_make_is_not_null() {
    assert_eq!(
        created(&fixture().countries),
        [
            r#"CREATE TABLE IF NOT EXISTS "countries" (
  "code" TEXT PRIMARY KEY NOT NULL,
  "name" TEXT NOT NULL
)"#,
            r#"CREATE UNIQUE INDEX IF NOT EXISTS "uq_countries_name" ON "countries" ("name")"#
        ]
    );
}

#[test]
fn indexes_over_live_and_deleted_rows_have_the_predicate_of_the_queries() {
    assert_eq!(
        created(&fixture().posts)[1..],
        [
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_id_live" ON "posts" ("id") WHERE "deleted_at" IS NULL"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_deletion_id" ON "posts" ("deletion_id") WHERE "deletion_id" IS NOT NULL"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_published_live" ON "posts" ("published") WHERE "deleted_at" IS NULL"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_author_id" ON "posts" ("author_id")"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_author_id_live" ON "posts" ("author_id") WHERE "deleted_at" IS NULL"#,
            r#"CREATE UNIQUE INDEX IF NOT EXISTS "uq_posts_title_author_id_live" ON "posts" ("title", "author_id") WHERE "deleted_at" IS NULL"#,
        ]
    );
}

#[test]
fn the_journal_keeps_keys_of_any_type() {
    assert_eq!(
        created(&Journal::get().changes)[0],
        r#"CREATE TABLE IF NOT EXISTS "reprieve_changes" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "deletion_id" BLOB NOT NULL,
  "table_name" TEXT NOT NULL,
  "row_key" NOT NULL,
  "column_name" TEXT NOT NULL,
  "old_value"
)"#
    );
}

#[test]
fn tables_that_refer_to_each_other_can_be_made_twice_and_dropped() {
    let schema = Schema::new();
    let declare = |name: &str, parent: &str| {
        let parent = ForeignKey::to(parent).on_delete(OnDelete::Restrict);
        let table = Table::builder(name, name)
            .column(Column::new("id", ColumnType::Uuid).primary_key())
            .column(Column::new("parent", ColumnType::Key).references(parent))
            .column(Column::new("self", ColumnType::Key).references(ForeignKey::to(name)))
            .build()
            .unwrap();
        schema.declare(table).unwrap();
    };
    declare("hens", "eggs");
    declare("eggs", "hens");
    let graph = schema.graph().unwrap();
    let db = Database::empty();
    for _ in 0..2 {
        for table in graph.tables() {
            for statement in create_table(table, &graph, Dialect::Sqlite).unwrap() {
                db.execute(&statement);
            }
        }
    }
    let hens = &graph.tables()[0];
    assert!(
        create_table(hens, &graph, Dialect::Sqlite).unwrap()[0]
            .contains(r#""parent" BLOB REFERENCES "eggs"("id") ON DELETE RESTRICT ON UPDATE CASCADE"#)
    );
    // In a cycle no order is right for the checks.
    db.execute("PRAGMA foreign_keys = OFF");
    for table in graph.tables() {
        drop_table(table, Dialect::Sqlite).iter().for_each(|statement| db.execute(statement));
    }
    assert_eq!(drop_table(hens, Dialect::Sqlite), [r#"DROP TABLE IF EXISTS "hens""#]);
}

#[test]
fn a_graph_from_before_the_parent_was_declared_is_refused() {
    let graph = Schema::new().graph().unwrap();
    assert!(create_table(&fixture().posts, &graph, Dialect::Sqlite).is_err());
}

#[test]
fn a_key_is_never_given_out_twice() {
    let db = Database::new();
    db.execute(
        "INSERT INTO posts (title) VALUES ('a'); DELETE FROM posts; INSERT INTO posts (title) VALUES ('b')",
    );
    let id: i64 = db.0.query_row("SELECT id FROM posts", [], |row| row.get(0)).unwrap();
    assert_eq!(id, 2);
}

#[test]
fn unique_means_unique_among_live_rows() {
    let db = Database::new();
    db.execute(
        "INSERT INTO users (email, deleted_at) VALUES ('a', '2025-01-01'), ('a', '2025-01-01'), ('a', NULL)",
    );
    assert!(db.0.execute("INSERT INTO users (email) VALUES ('a')", []).is_err());
}
