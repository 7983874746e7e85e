//! Tables and indexes.

use crate::database::Database;
use crate::fixture::fixture;
use crate::postgres::Postgres;
use reprieve_core::journal::Journal;
use reprieve_core::schema::{Column, ColumnType, ForeignKey, OnDelete, Schema, Table};
use reprieve_core::sql::{
    Dialect, create_index_concurrently, create_table, create_tables, drop_table, drop_tables, lock_number,
    lock_schema,
};

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
  "day" TEXT,
  "time" TEXT,
  "state" TEXT,
  "tags" TEXT,
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
        created(Journal::get().tables()[1])[0],
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

fn created_on_postgres(table: &Table) -> Vec<String> {
    create_table(table, &fixture().graph, Dialect::Postgres).unwrap()
}

#[test]
fn postgres_has_a_type_for_each_type() {
    assert_eq!(
        created_on_postgres(&fixture().posts)[..2],
        [
            r#"DO $reprieve$ DECLARE label text; BEGIN CREATE TYPE "posts_state_enum" AS ENUM ('it''s', 'draft', 'Zero'); EXCEPTION WHEN duplicate_object THEN FOREACH label IN ARRAY ARRAY['it''s', 'draft', 'Zero']::text[] LOOP IF NOT EXISTS (SELECT 1 FROM pg_enum WHERE enumtypid = '"posts_state_enum"'::regtype AND enumlabel = label) THEN EXECUTE format('ALTER TYPE %s ADD VALUE IF NOT EXISTS %L', '"posts_state_enum"'::regtype, label); END IF; END LOOP; END $reprieve$"#,
            r#"CREATE TABLE IF NOT EXISTS "posts" (
  "id" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  "title" text COLLATE "C" NOT NULL,
  "body" text COLLATE "C",
  "published" boolean,
  "author_id" bigint REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE,
  "price" numeric(12, 2),
  "rating" double precision,
  "meta" jsonb,
  "token" uuid,
  "data" bytea,
  "at" timestamptz,
  "any" text,
  "day" date,
  "time" time,
  "state" "posts_state_enum",
  "tags" text[],
  "deleted_at" timestamptz,
  "deletion_id" uuid
)"#
        ]
    );
    assert_eq!(
        created_on_postgres(&fixture().countries)[0],
        r#"CREATE TABLE IF NOT EXISTS "countries" (
  "code" text COLLATE "C" PRIMARY KEY,
  "name" text COLLATE "C" NOT NULL
)"#
    );
}

#[test]
fn indexes_of_postgres_have_the_order_that_is_asked_for() {
    assert_eq!(
        created_on_postgres(&fixture().posts)[2..],
        [
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_id_live" ON "posts" ("id") WHERE "deleted_at" IS NULL"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_deletion_id" ON "posts" ("deletion_id" NULLS FIRST) WHERE "deletion_id" IS NOT NULL"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_published_live" ON "posts" ("published" NULLS FIRST) WHERE "deleted_at" IS NULL"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_author_id" ON "posts" ("author_id" NULLS FIRST)"#,
            r#"CREATE INDEX IF NOT EXISTS "ix_posts_author_id_live" ON "posts" ("author_id" NULLS FIRST) WHERE "deleted_at" IS NULL"#,
            r#"CREATE UNIQUE INDEX IF NOT EXISTS "uq_posts_title_author_id_live" ON "posts" ("title", "author_id" NULLS FIRST) WHERE "deleted_at" IS NULL"#,
        ]
    );
}

#[test]
fn an_index_can_be_made_while_others_write() {
    let posts = &fixture().posts;
    let made = |dialect| create_index_concurrently(posts, &posts.indexes[0], dialect).unwrap();
    let end = r#"IF NOT EXISTS "ix_posts_id_live" ON "posts" ("id") WHERE "deleted_at" IS NULL"#;
    assert_eq!(made(Dialect::Postgres), format!("CREATE INDEX CONCURRENTLY {end}"));
    assert_eq!(made(Dialect::Sqlite), format!("CREATE INDEX {end}"));
}

#[test]
fn lists_are_arrays_where_the_database_writes_their_items_as_everybody_does() {
    let list = |item| ColumnType::Array(Box::new(item));
    let table = Table::builder("List", "lists")
        .column(Column::new("id", ColumnType::Uuid).primary_key())
        .column(Column::new("numbers", list(ColumnType::Integer)))
        .column(Column::new("labels", list(ColumnType::Enum(["a".to_owned()].into()))))
        .column(Column::new("anything", list(ColumnType::Json)))
        .column(Column::new("nested", list(list(ColumnType::Integer))))
        .column(Column::new("instants", list(ColumnType::Timestamp)))
        .column(Column::new("choice", ColumnType::Enum(["$reprieve$".to_owned()].into())))
        .build()
        .unwrap();
    let statements = created_on_postgres(&table);
    assert!(statements[0].starts_with("DO $_reprieve$ DECLARE label text; BEGIN "), "{}", statements[0]);
    assert_eq!(
        statements[1],
        r#"CREATE TABLE IF NOT EXISTS "lists" (
  "id" uuid PRIMARY KEY,
  "numbers" bigint[],
  "labels" text[],
  "anything" jsonb,
  "nested" jsonb,
  "instants" jsonb,
  "choice" "lists_choice_enum"
)"#
    );
    let Some(db) = Postgres::empty() else { return };
    statements.iter().chain(&statements).for_each(|statement| db.execute(statement));
    drop_table(&table, Dialect::Postgres).iter().for_each(|statement| db.execute(statement));
    statements.iter().for_each(|statement| db.execute(statement));
}

#[test]
fn a_decimal_of_any_digits_keeps_those_of_its_values() {
    let table = Table::builder("Decimal", "decimals")
        .column(Column::new("id", ColumnType::Uuid).primary_key())
        .column(Column::new("exact", ColumnType::Decimal { precision: 38, scale: 2 }))
        .column(Column::new("any", ColumnType::Decimal { precision: 57, scale: 28 }))
        .build()
        .unwrap();
    let created = created_on_postgres(&table);
    assert!(created[0].contains("\"exact\" numeric(38, 2),\n  \"any\" numeric\n"), "{}", created[0]);
}

#[test]
fn names_that_are_put_together_fit_and_stay_apart() {
    let table = |end: &str| {
        let long = "ä".repeat(25) + end;
        Table::builder(&long, &long)
            .column(Column::new("id", ColumnType::Integer).primary_key())
            .column(Column::new("a_column_of_some_length", ColumnType::Text).indexed())
            .column(Column::new("choice_of_some_length", ColumnType::Enum(["a".to_owned()].into())))
            .build()
            .unwrap()
    };
    let names = |end: &str| {
        let statements = created_on_postgres(&table(end));
        let name = |of: &String, before: &str| {
            of.split(before).nth(1).unwrap().split('"').next().unwrap().to_owned()
        };
        [name(&statements[0], "TYPE \""), name(&statements[2], "EXISTS \"")]
    };
    let (one, other) = (names("a"), names("b"));
    for name in one.iter().chain(&other) {
        assert!(name.len() <= 63, "{name}");
    }
    assert!(one[0] != other[0] && one[1] != other[1], "{one:?} {other:?}");
}

#[test]
fn tables_that_refer_to_each_other_are_made_twice_and_dropped_on_postgres() {
    let schema = Schema::new();
    let declare = |name: &str, parent: &str| {
        let table = Table::builder(name, name)
            .column(Column::new("id", ColumnType::Uuid).primary_key())
            .column(Column::new("parent", ColumnType::Key).references(ForeignKey::to(parent)))
            .column(Column::new("self", ColumnType::Key).references(ForeignKey::to(name)))
            .build()
            .unwrap();
        schema.declare(table).unwrap();
    };
    declare("hens", "eggs");
    declare("eggs", "hens");
    let graph = schema.graph().unwrap();
    let statements = create_tables(graph.tables(), &graph, Dialect::Postgres).unwrap();
    assert!(statements[0].contains(r#""parent" uuid,"#), "{}", statements[0]);
    assert_eq!(
        statements.last().unwrap(),
        r#"DO $reprieve$ BEGIN ALTER TABLE "hens" ADD CONSTRAINT "hens_parent_fkey" FOREIGN KEY ("parent") REFERENCES "eggs"("id") ON DELETE CASCADE ON UPDATE CASCADE; EXCEPTION WHEN duplicate_object THEN NULL; END $reprieve$"#
    );
    let dropped = drop_tables(graph.tables(), Dialect::Postgres);
    assert_eq!(dropped, [r#"DROP TABLE IF EXISTS "hens", "eggs""#]);
    assert!(drop_tables(&[], Dialect::Postgres).is_empty());
    let Some(db) = Postgres::empty() else { return };
    for statement in statements.iter().chain(&statements).chain(&dropped).chain(&dropped).chain(&statements) {
        db.execute(statement);
    }
    assert!(db.refuses("INSERT INTO hens (id, parent) VALUES (gen_random_uuid(), gen_random_uuid())"));
}

#[test]
fn enum_types_go_with_their_table() {
    assert_eq!(
        drop_table(&fixture().posts, Dialect::Postgres),
        [r#"DROP TABLE IF EXISTS "posts""#, r#"DROP TYPE IF EXISTS "posts_state_enum""#]
    );
}

#[test]
fn postgres_keeps_keys_of_any_type_as_text() {
    let created = created_on_postgres(Journal::get().tables()[1]);
    assert!(created[0].contains(r#""row_key" text NOT NULL,"#) && created[0].contains(r#""old_value" text"#));
}

#[test]
fn those_who_make_tables_take_turns_where_they_could_be_several() {
    assert_eq!(lock_schema(Dialect::Sqlite), None);
    assert!(lock_number(Dialect::Sqlite).is_none());
    let (schema, number) = (lock_schema(Dialect::Postgres).unwrap(), lock_number(Dialect::Postgres).unwrap());
    assert_eq!(schema, "SELECT pg_advisory_xact_lock(8243118329668400741) IS NULL");
    assert_eq!(&*number.sql, "SELECT pg_advisory_xact_lock($1) IS NULL");
    let Some(db) = Postgres::empty() else { return };
    db.execute(&schema);
    assert_eq!(db.types(&number.sql), ["int8"]);
}
