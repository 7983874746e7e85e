//! The statements of each verb on SQLite, to the letter and in order.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use reprieve_conformance::{Work, World, block_on, values};
use reprieve_core::query::{Predicate, Select, Source, Visibility};
use reprieve_engine::Chosen;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::Delete;

/// What runs for a verb, after what it needs is committed.
async fn ran(prepare: impl AsyncFnOnce(&mut Work), verb: impl AsyncFnOnce(&mut Work)) -> Vec<String> {
    let world = World::new(support::memory).await;
    let mut work = world.work();
    prepare(&mut work).await;
    work.save().await;
    world.log().take();
    verb(&mut work).await;
    world.log().texts()
}

async fn nothing(_: &mut Work) {}

async fn a_shelf_with_a_book(work: &mut Work) {
    work.add("shelves", values![id: 1]).await;
    work.add("books", values![id: 1, shelf_id: 1]).await;
}

async fn an_article(work: &mut Work) {
    work.add("articles", values![id: 1, title: "one"]).await;
}

#[test]
fn create() {
    let ran = block_on(ran(nothing, async |work| work.add("shelves", values![id: 1]).await));
    assert_eq!(
        ran,
        ["BEGIN", r#"INSERT INTO "shelves" ("id") VALUES (?) RETURNING "id", "label", "deleted_at""#]
    );
}

#[test]
fn create_under_a_parent() {
    let verb = async |work: &mut Work| work.add("books", values![id: 1, shelf_id: 1]).await;
    let ran = block_on(ran(async |work| work.add("shelves", values![id: 1]).await, verb));
    let guard = [
        r#"SELECT t0."id" FROM "shelves" AS t0 WHERE t0."deleted_at" IS NOT NULL AND t0."id" = ? AND "#,
        r#"EXISTS (SELECT t1."id" FROM "reprieve_deletions" AS t1 "#,
        r#"WHERE t1."id" = t0."deletion_id" AND t1."cascade" = ?)"#,
    ];
    let insert =
        r#"INSERT INTO "books" ("id", "shelf_id") VALUES (?, ?) RETURNING "id", "shelf_id", "deleted_at""#;
    assert_eq!(ran, ["BEGIN", &guard.concat(), insert]);
}

#[test]
fn audited_create() {
    let ran = block_on(ran(nothing, an_article));
    let insert = [
        r#"INSERT INTO "articles" ("id", "title", "created_at", "updated_at") VALUES (?, ?, ?, ?) "#,
        r#"RETURNING "id", "title", "hits", "created_at", "updated_at", "deleted_at""#,
    ];
    assert_eq!(ran, ["BEGIN", &insert.concat(), &audit("?", r#""id" = ?"#)]);
}

#[test]
fn audited_update() {
    let verb = async |work: &mut Work| work.change("articles", 1, values![title: "two"]).await.unwrap();
    let ran = block_on(ran(an_article, verb));
    let changes = [
        r#"(SELECT json_group_object(column1, json(column2)) FROM (VALUES ('title', CASE WHEN "title" IS NOT ? "#,
        r#"THEN json_object('old', "title", 'new', json(?)) END)) WHERE column2 IS NOT NULL)"#,
    ];
    assert_eq!(
        ran,
        [
            "BEGIN",
            &audit(&changes.concat(), r#""deleted_at" IS NULL AND "id" = ?"#),
            r#"UPDATE "articles" SET "title" = ?, "updated_at" = ? WHERE "deleted_at" IS NULL AND "id" = ?"#,
        ]
    );
}

#[test]
fn soft_delete_of_one_row() {
    let verb = async |work: &mut Work| drop(work.delete("shelves", 1).await);
    let ran = block_on(ran(a_shelf_with_a_book, verb));
    assert_eq!(ran, ["BEGIN", MARK, &claim(), JOURNAL]);
}

#[test]
fn soft_delete_with_cascade() {
    let verb = async |work: &mut Work| drop(work.cascade("shelves", 1).await);
    let ran = block_on(ran(a_shelf_with_a_book, verb));
    let children = [
        r#"UPDATE "books" AS t0 SET "deleted_at" = ?, "deletion_id" = ? WHERE t0."deleted_at" IS NULL AND "#,
        r#"t0."shelf_id" IN (SELECT t1."id" FROM "shelves" AS t1 WHERE t1."deletion_id" = ?)"#,
    ];
    assert_eq!(ran, ["BEGIN", MARK, &claim(), JOURNAL, &children.concat()]);
}

#[test]
fn restore_of_one_row() {
    let prepare = async |work: &mut Work| {
        a_shelf_with_a_book(work).await;
        work.delete("books", 1).await;
    };
    let ran = block_on(ran(prepare, async |work| drop(work.restore_alone("books", 1).await)));
    let held = [
        r#"SELECT t0."id", t0."shelf_id" FROM "books" AS t0 WHERE t0."deleted_at" IS NOT NULL AND t0."id" = ? AND "#,
        r#"EXISTS (SELECT t1."id" FROM "shelves" AS t1 WHERE t1."deleted_at" IS NOT NULL AND "#,
        r#"t1."id" = t0."shelf_id" AND EXISTS (SELECT t2."id" FROM "reprieve_deletions" AS t2 "#,
        r#"WHERE t2."id" = t1."deletion_id" AND t2."cascade" = ?))"#,
    ];
    let close = [
        r#"UPDATE "reprieve_deletions" AS t0 SET "restored_at" = ? WHERE t0."id" = ? AND t0."cascade" = ? AND "#,
        r#"NOT (EXISTS (SELECT t1."id" FROM "books" AS t1 WHERE t1."deletion_id" = t0."id"))"#,
    ];
    assert_eq!(
        ran,
        [
            "BEGIN",
            r#"SELECT "deletion_id" FROM "books" WHERE "deleted_at" IS NOT NULL AND "id" = ? ORDER BY "deletion_id""#,
            &held.concat(),
            r#"UPDATE "books" SET "deleted_at" = ?, "deletion_id" = ? WHERE "deleted_at" IS NOT NULL AND "id" = ?"#,
            &close.concat(),
        ]
    );
}

#[test]
fn undo_of_a_cascade() {
    let verb = async |work: &mut Work| {
        let deletion = work.cascade("shelves", 1).await;
        work.back(&deletion).await;
    };
    let ran = block_on(ran(a_shelf_with_a_book, verb));
    let undone = ran.iter().position(|text| text == "SAVEPOINT reprieve_1").unwrap();
    assert_eq!(
        ran[undone..],
        [
            "SAVEPOINT reprieve_1",
            r#"SELECT "root_table", "cascade" FROM "reprieve_deletions" WHERE "id" = ?"#,
            r#"SELECT "id" FROM "reprieve_deletions" WHERE "id" IS NOT ? AND "cascade" = ? AND "restored_at" IS NULL LIMIT 1"#,
            r#"SELECT "id" FROM "reprieve_changes" WHERE "deletion_id" = ? LIMIT 1"#,
            r#"UPDATE "shelves" SET "deleted_at" = ?, "deletion_id" = ? WHERE "deleted_at" IS NOT NULL AND "deletion_id" = ?"#,
            r#"UPDATE "books" SET "deleted_at" = ?, "deletion_id" = ? WHERE "deleted_at" IS NOT NULL AND "deletion_id" = ?"#,
            r#"UPDATE "reprieve_deletions" SET "restored_at" = ? WHERE "id" = ? AND "restored_at" IS NULL"#,
            "RELEASE SAVEPOINT reprieve_1",
        ]
    );
}

#[test]
fn remove() {
    let ran =
        block_on(ran(a_shelf_with_a_book, async |work| assert!(work.gone("shelves", 1).await.unwrap())));
    assert_eq!(ran, ["BEGIN", r#"DELETE FROM "shelves" WHERE "id" = ?"#]);
}

fn shelves(work: &Work, visibility: Visibility) -> Select {
    let row = Source::new(0, &work.table("shelves"), visibility);
    let label = row.column(row.table.position("label").unwrap());
    Select::rows(row).filter(Predicate::equals(label, "old"))
}

#[test]
fn insert_of_many_rows() {
    let verb = async |work: &mut Work| {
        let articles = work.table("articles");
        let title = articles.position("title").unwrap();
        let rows = vec![vec![(title, "one".into())], vec![(title, "two".into())]];
        work.insert_many(&articles, rows, &Actor::default(), None).await.unwrap();
    };
    let insert = r#"INSERT INTO "articles" ("title", "created_at", "updated_at") VALUES (?, ?, ?), (?, ?, ?) RETURNING "id""#;
    assert_eq!(block_on(ran(nothing, verb)), ["BEGIN", insert, &audit("?", r#""id" IN (?, ?)"#)]);
}

#[test]
fn insert_of_many_rows_under_parents() {
    let verb = async |work: &mut Work| {
        let books = work.table("books");
        let shelf = books.position("shelf_id").unwrap();
        let rows = vec![vec![(shelf, 1.into())], vec![]];
        work.insert_many(&books, rows, &Actor::default(), None).await.unwrap();
    };
    let guard = [
        r#"SELECT t0."id" FROM "shelves" AS t0 WHERE t0."deleted_at" IS NOT NULL AND t0."id" IN (?) AND "#,
        r#"EXISTS (SELECT t1."id" FROM "reprieve_deletions" AS t1 "#,
        r#"WHERE t1."id" = t0."deletion_id" AND t1."cascade" = ?)"#,
    ];
    let insert = r#"INSERT INTO "books" ("shelf_id") VALUES (?), (?)"#;
    assert_eq!(block_on(ran(a_shelf_with_a_book, verb)), ["BEGIN", &guard.concat(), insert]);
}

#[test]
fn update_of_many_rows() {
    let verb = async |work: &mut Work| {
        let shelves = work.table("shelves");
        let label = shelves.position("label").unwrap();
        let rows = vec![(1.into(), vec![(label, "a".into())]), (2.into(), vec![(label, "b".into())])];
        work.update_many(&shelves, rows, &Actor::default()).await.unwrap();
    };
    let update = concat!(
        r#"UPDATE "shelves" AS t0 SET "label" = t1.column2 FROM (VALUES (?, ?), (?, ?)) AS t1 "#,
        r#"WHERE t0."deleted_at" IS NULL AND t0."id" = t1.column1"#
    );
    assert_eq!(block_on(ran(nothing, verb)), ["BEGIN", update]);
}

#[test]
fn update_of_the_rows_that_a_query_finds() {
    let verb = async |work: &mut Work| {
        let rows = Chosen::rows(shelves(work, Visibility::Live), false).unwrap();
        let label = work.table("shelves").position("label").unwrap();
        work.update_where(&rows, vec![(label, "new".into())], &Actor::default()).await.unwrap();
    };
    let update = r#"UPDATE "shelves" SET "label" = ? WHERE "deleted_at" IS NULL AND "label" = ?"#;
    assert_eq!(block_on(ran(nothing, verb)), ["BEGIN", update]);
}

#[test]
fn soft_delete_of_a_page() {
    let verb = async |work: &mut Work| {
        let rows = Chosen::rows(shelves(work, Visibility::Live).limit(1), false).unwrap();
        work.soft_delete_where(&rows, Delete::default(), &Actor::default()).await.unwrap();
    };
    let mark = concat!(
        r#"UPDATE "shelves" AS t0 SET "deleted_at" = ?, "deletion_id" = ? WHERE t0."deleted_at" IS NULL AND t0."id" IN "#,
        r#"(SELECT t100."id" FROM "shelves" AS t100 WHERE t100."deleted_at" IS NULL AND t100."label" = ? "#,
        r#"ORDER BY t100."id" LIMIT 1)"#
    );
    let journal = concat!(
        r#"INSERT INTO "reprieve_deletions" ("id", "at", "root_table", "root_keys", "actor", "reason", "cascade") "#,
        r#"SELECT ?, ?, ?, json_group_array("id"), ?, ?, ? FROM "shelves" WHERE "deletion_id" = ?"#
    );
    let prepare = async |work: &mut Work| work.add("shelves", values![id: 1, label: "old"]).await;
    assert_eq!(block_on(ran(prepare, verb)), ["BEGIN", mark, journal]);
}

#[test]
fn remove_of_the_deleted_rows_that_a_query_finds() {
    let verb = async |work: &mut Work| {
        let rows = Chosen::rows(shelves(work, Visibility::Deleted), false).unwrap();
        work.remove_where(&rows, &Actor::default()).await.unwrap();
    };
    let delete = r#"DELETE FROM "shelves" WHERE "deleted_at" IS NOT NULL AND "label" = ?"#;
    assert_eq!(block_on(ran(nothing, verb)), ["BEGIN", delete]);
}

const MARK: &str =
    r#"UPDATE "shelves" SET "deleted_at" = ?, "deletion_id" = ? WHERE "deleted_at" IS NULL AND "id" = ?"#;

const JOURNAL: &str = concat!(
    r#"INSERT INTO "reprieve_deletions" ("id", "at", "root_table", "root_keys", "actor", "reason", "cascade") "#,
    r#"SELECT ?, ?, ?, ?, ?, ?, ? FROM "shelves" WHERE "id" = ? AND "deletion_id" = ?"#
);

/// A row that a cascade took becomes the deletion's own.
fn claim() -> String {
    [
        r#"UPDATE "shelves" AS t0 SET "deletion_id" = ? WHERE t0."deleted_at" IS NOT NULL AND t0."id" = ? AND "#,
        r#"t0."deletion_id" IS NOT ? AND EXISTS (SELECT t1."id" FROM "reprieve_deletions" AS t1 "#,
        r#"WHERE t1."id" = t0."deletion_id" AND t1."cascade" = ? AND (t1."root_table" = ? AND "#,
        r#"EXISTS (SELECT 1 FROM json_each(t1."root_keys") AS reprieve_each "#,
        r#"WHERE CAST(reprieve_each.value AS TEXT) = CAST(t0."id" AS TEXT))) IS NOT 1)"#,
    ]
    .concat()
}

/// A row of the log for the article.
fn audit(changes: &str, filter: &str) -> String {
    let instant = |name: &str| format!(r#"'{name}', replace("{name}", ' ', 'T') || '+00:00'"#);
    [
        r#"INSERT INTO "audit_logs" ("model_name", "model_id", "operation", "user_id", "timestamp", "changes", "#,
        r#""snapshot", "extra_data") SELECT ?, CAST("id" AS TEXT), ?, ?, ?, "#,
        changes,
        r#", json_object('id', "id", 'title', "title", 'hits', "hits", "#,
        &["created_at", "updated_at", "deleted_at"].map(instant).join(", "),
        r#"), ? FROM "articles" WHERE "#,
        filter,
    ]
    .concat()
}
