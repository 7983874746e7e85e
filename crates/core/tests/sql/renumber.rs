//! A query inside a statement that has table references of its own.

use crate::database::text;
use crate::fixture::{column, fixture, keys, posts, update, users};
use reprieve_core::query::{Delete, Expr, Order, Predicate, Select, Source, Visibility};

#[test]
fn a_page_of_rows_becomes_a_condition_on_their_keys() {
    let page = Select::rows(Source::new(0, &fixture().posts, Visibility::Deleted))
        .filter(Predicate::equals(column(&posts(), "title"), "a"))
        .order_by(Order::descending(column(&posts(), "rating")))
        .limit(2);
    let delete = Delete { target: Source::any(0, &fixture().posts), filter: page.as_condition(100) };
    assert_eq!(
        text(delete),
        concat!(
            r#"DELETE FROM "posts" AS t0 WHERE t0."id" IN (SELECT t100."id" FROM "posts" AS t100 "#,
            r#"WHERE t100."deleted_at" IS NOT NULL AND t100."title" = ? ORDER BY t100."rating" DESC LIMIT 2)"#
        )
    );
}

#[test]
fn sub_queries_of_the_query_come_along() {
    let writes = Predicate::Exists(Box::new(keys(users(), Predicate::equals(users().key(), 7))));
    let found = Select::rows(posts()).filter(Predicate::Not(Box::new(writes)));
    let set = [("title", Expr::Bind("new".into()))];
    assert_eq!(
        text(update(posts(), &set, found.as_condition(100))),
        concat!(
            r#"UPDATE "posts" AS t0 SET "title" = ? WHERE t0."deleted_at" IS NULL AND t0."id" IN "#,
            r#"(SELECT t100."id" FROM "posts" AS t100 WHERE t100."deleted_at" IS NULL AND "#,
            r#"NOT (EXISTS (SELECT t101."id" FROM "users" AS t101 WHERE t101."deleted_at" IS NULL AND t101."id" = ?)))"#
        )
    );
}
