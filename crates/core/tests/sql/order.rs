//! `ORDER BY`.

use crate::database::text;
use crate::fixture::{column, keys, posts};
use crate::postgres::{Both, postgres};
use reprieve_core::query::{Comparison, Expr, Order, Predicate, Select};

#[test]
fn terms_are_written_in_order() {
    let select = keys(posts(), Predicate::True)
        .order_by(Order::descending(column(&posts(), "at")))
        .order_by(Order::ascending(posts().key()));
    assert_eq!(
        text(select),
        r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL ORDER BY "at" DESC, "id""#
    );
}

#[test]
fn postgres_is_told_where_null_belongs_in_a_column_that_can_hold_it() {
    let by = |order| postgres(keys(posts(), Predicate::True).order_by(order));
    let sql = r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL ORDER BY"#;
    assert_eq!(by(Order::ascending(column(&posts(), "at"))), format!(r#"{sql} "at" NULLS FIRST"#));
    assert_eq!(by(Order::descending(column(&posts(), "at"))), format!(r#"{sql} "at" DESC NULLS LAST"#));
    assert_eq!(by(Order::ascending(column(&posts(), "title"))), format!(r#"{sql} "title""#));
    assert_eq!(by(Order::descending(posts().key())), format!(r#"{sql} "id" DESC"#));
}

#[test]
fn null_is_the_smallest_value() {
    let db = Both::new();
    db.execute("INSERT INTO posts (id, title, rating) VALUES (1, 'a', 2), (2, 'b', NULL), (3, 'c', 1)");
    let by = || column(&posts(), "rating");
    let select = || keys(posts(), Predicate::True);
    assert_eq!(db.run(select().order_by(Order::ascending(by()))), ["2", "3", "1"]);
    assert_eq!(db.run(select().order_by(Order::descending(by()))), ["1", "3", "2"]);
}

#[test]
fn labels_are_in_the_order_of_texts_and_not_of_their_declaration() {
    let state = || column(&posts(), "state");
    let by_state = |select: Select| select.order_by(Order::ascending(state()));
    let below = Predicate::Compare(state(), Comparison::Less, Expr::Bind("it's".into()));
    assert_eq!(
        postgres(by_state(keys(posts(), below.clone()))),
        concat!(
            r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL AND "state"::text COLLATE "C" < $1::text "#,
            r#"ORDER BY "state"::text COLLATE "C" NULLS FIRST"#
        )
    );
    let db = Both::new();
    db.execute(
        "INSERT INTO posts (id, title, state) VALUES (1, 'a', 'it''s'), (2, 'b', 'draft'), (3, 'c', 'Zero')",
    );
    assert_eq!(db.run(by_state(keys(posts(), Predicate::True))), ["3", "2", "1"]);
    assert_eq!(db.run(by_state(keys(posts(), below))), ["3", "2"]);
    let between = Predicate::Between(state(), "a".into(), "e".into());
    assert_eq!(db.run(keys(posts(), between)), ["2"]);
}
