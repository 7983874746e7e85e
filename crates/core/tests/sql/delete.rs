//! `DELETE`.

use crate::database::text;
use crate::fixture::{column, fixture, keys, posts, users};
use crate::postgres::Both;
use reprieve_core::query::{Delete, Predicate, Source, Visibility};

#[test]
fn one_row_is_removed_by_its_key_live_or_not() {
    let target = Source::any(0, &fixture().posts);
    let delete = Delete { filter: Predicate::equals(target.key(), 7), target };
    assert_eq!(text(delete), r#"DELETE FROM "posts" WHERE "id" = ?"#);
}

#[test]
fn every_row_can_be_removed() {
    let delete = Delete { target: Source::any(0, &fixture().posts), filter: Predicate::True };
    assert_eq!(text(delete), r#"DELETE FROM "posts""#);
}

#[test]
fn a_sub_query_gives_the_target_an_alias() {
    let gone = keys(Source::new(1, &fixture().users, Visibility::Deleted), Predicate::True);
    let filter = Predicate::InSelect(column(&posts(), "author_id"), Box::new(gone));
    assert_eq!(
        text(Delete { target: Source::any(0, &fixture().posts), filter }),
        concat!(
            r#"DELETE FROM "posts" AS t0 WHERE t0."author_id" IN "#,
            r#"(SELECT t1."id" FROM "users" AS t1 WHERE t1."deleted_at" IS NOT NULL)"#
        )
    );
}

#[test]
fn the_rows_the_target_does_not_show_stay() {
    let db = Both::new();
    db.execute("INSERT INTO users (id, email, deleted_at) VALUES (1, 'a', NULL), (2, 'b', '2025-01-01')");
    db.run(Delete { target: users(), filter: Predicate::True });
    assert_eq!(db.run(keys(Source::any(0, &fixture().users), Predicate::True)), ["2"]);
}
