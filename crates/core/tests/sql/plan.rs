//! What SQLite's planner makes of the statements that have to be fast with a million deleted rows around them.

use crate::database::Database;
use crate::fixture::{IntoStatement, column, fixture, keys, posts, update, users};
use crate::postgres::Postgres;
use reprieve_core::journal::Journal;
use reprieve_core::query::{
    Comparison, Expr, Given, Order, Predicate, Select, Source, TextMatch, UpdateEach,
};
use reprieve_core::schema::{ColumnType, Table};
use reprieve_core::sql::{Dialect, compile, create_table};
use std::sync::Arc;

/// A few live rows among many deleted ones, before and after ANALYZE.
fn plans(statement: impl IntoStatement) -> [String; 2] {
    let db = Database::new();
    db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
         INSERT INTO users (id, email, deleted_at) SELECT i, 'e' || i, iif(i % 100, '2025-01-01', NULL) FROM n;
         INSERT INTO posts (id, title, author_id, deleted_at) SELECT id, 't' || id, id % 50 + 1, deleted_at FROM users",
    );
    let (sql, _) = compile(&statement.statement(), Dialect::Sqlite).unwrap();
    let plan = || {
        let mut explain = db.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = explain.raw_query();
        let mut steps: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(3).unwrap());
        }
        steps.join("; ")
    };
    let before = plan();
    db.execute("ANALYZE");
    [before, plan()]
}

fn by_author(source: Source) -> Predicate {
    Predicate::equals(column(&source, "author_id"), 1)
}

#[test]
fn a_row_is_found_by_its_key() {
    let get = Select::rows(posts()).filter(Predicate::equals(posts().key(), 1));
    assert_eq!(plans(get), ["SEARCH posts USING INTEGER PRIMARY KEY (rowid=?)"; 2]);
}

#[test]
fn live_rows_are_counted_in_a_live_index() {
    let count = Select::columns(posts(), vec![Expr::Count]);
    for plan in plans(count) {
        assert!(plan.starts_with("SCAN posts USING INDEX ix_posts_") && plan.ends_with("_live"), "{plan}");
    }
}

#[test]
fn a_page_of_live_rows_never_walks_over_deleted_ones() {
    let page = Select::rows(posts()).order_by(Order::ascending(posts().key())).limit(20);
    assert_eq!(plans(page), ["SCAN posts USING INDEX ix_posts_id_live"; 2]);
    let last = Select::rows(posts()).order_by(Order::descending(posts().key())).limit(20);
    assert_eq!(plans(last), ["SCAN posts USING INDEX ix_posts_id_live"; 2]);
}

#[test]
fn live_children_are_found_by_their_live_index() {
    let children = Select::rows(posts()).filter(by_author(posts()));
    assert_eq!(plans(children), ["SEARCH posts USING INDEX ix_posts_author_id_live (author_id=?)"; 2]);
    let batch = Predicate::In(column(&posts(), "author_id"), vec![1.into(), 2.into()]);
    assert_eq!(
        plans(Select::rows(posts()).filter(batch)),
        ["SEARCH posts USING INDEX ix_posts_author_id_live (author_id=?)"; 2]
    );
}

#[test]
fn a_unique_value_is_found_by_its_live_index() {
    let user = Source::live(0, &fixture().users);
    let by_email = Select::rows(user.clone()).filter(Predicate::equals(column(&user, "email"), "e1"));
    assert_eq!(plans(by_email), ["SEARCH users USING INDEX uq_users_email_live (email=?)"; 2]);
}

#[test]
fn a_prefix_is_found_by_an_index() {
    let user = Source::live(0, &fixture().users);
    let starts = Predicate::Matches {
        text: column(&user, "email"),
        how: TextMatch::StartsWith,
        pattern: "e19".into(),
        ignore_case: false,
    };
    assert_eq!(
        plans(Select::rows(user).filter(starts)),
        ["SEARCH users USING INDEX uq_users_email_live (email>? AND email<?)"; 2]
    );
}

#[test]
fn a_cascade_finds_parents_by_their_deletion_and_children_by_their_key() {
    let parents = Source::any(1, &fixture().users);
    let taken = keys(parents.clone(), Predicate::equals(column(&parents, "deletion_id"), [7; 16]));
    let children = Predicate::InSelect(column(&posts(), "author_id"), Box::new(taken));
    for plan in plans(update(posts(), &[("deletion_id", Expr::Bind([7; 16].into()))], children)) {
        assert!(plan.contains("USING INDEX ix_posts_author_id_live (author_id=?)"), "{plan}");
        assert!(plan.contains("ix_users_deletion_id (deletion_id=?)"), "{plan}");
    }
}

#[test]
fn the_rows_of_a_deletion_are_found_by_it() {
    let taken = Source::any(0, &fixture().users);
    let rows = keys(taken.clone(), Predicate::equals(column(&taken, "deletion_id"), [7; 16]));
    for plan in plans(rows) {
        assert!(plan.contains("ix_users_deletion_id (deletion_id=?)"), "{plan}");
    }
}

#[test]
fn an_aliased_reference_uses_the_live_index_too() {
    let of_user = Predicate::Compare(
        column(&posts(), "author_id"),
        reprieve_core::query::Comparison::Equal,
        users().key(),
    );
    let count = Select::columns(posts(), vec![Expr::Count]).filter(of_user);
    let with_counts = Select::columns(users(), vec![users().key(), Expr::Scalar(Box::new(count))]);
    for plan in plans(with_counts) {
        assert!(plan.contains("ix_posts_author_id_live (author_id=?)"), "{plan}");
    }
}

#[test]
fn rows_that_take_values_of_their_own_are_found_by_key() {
    let rows = (1..=20).map(|key| vec![key.into(), "new".into()]).collect();
    let given = Given { id: 1, rows, kinds: vec![ColumnType::Integer, ColumnType::Text] };
    let belong = Predicate::Compare(posts().key(), Comparison::Equal, given.value(0));
    let update = update(posts(), &[("title", given.value(1))], belong);
    for plan in plans(UpdateEach { given, update }) {
        assert!(plan.contains("; SEARCH t0 USING "), "{plan}");
    }
}

/// The same rows in PostgreSQL, with the statistics of these tables and not of all that others make and drop beside, each of which
/// ANALYZE would hold on to until the end; and without the way that reads all rows, which wins on few.
fn on_postgres() -> Option<Postgres> {
    let db = Postgres::new()?;
    db.execute(
        "INSERT INTO users (id, email, deleted_at)
         SELECT i, 'e' || i, CASE WHEN i % 100 <> 0 THEN timestamptz '2025-01-01' END FROM generate_series(1, 2000) AS n(i);
         INSERT INTO posts (id, title, author_id, deleted_at) SELECT id, 't' || id, id % 50 + 1, deleted_at FROM users;
         ANALYZE users, posts; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off",
    );
    Some(db)
}

#[test]
fn postgres_finds_live_rows_by_live_indexes() {
    let Some(db) = on_postgres() else { return };
    let has = |plan: String, part: &str| assert!(plan.contains(part), "no {part} in\n{plan}");
    let user = Source::live(0, &fixture().users);
    has(
        db.plan(Select::rows(posts()).order_by(Order::ascending(posts().key())).limit(20)),
        "using ix_posts_id_live",
    );
    has(db.plan(Select::rows(posts()).filter(by_author(posts()))), "using ix_posts_author_id_live");
    let batch = Predicate::In(column(&posts(), "author_id"), vec![1.into(), 2.into()]);
    has(db.plan(Select::rows(posts()).filter(batch)), "using ix_posts_author_id_live");
    let by_email = Predicate::equals(column(&user, "email"), "e1");
    has(db.plan(Select::rows(user.clone()).filter(by_email)), "using uq_users_email_live");
    let starts = Predicate::Matches {
        text: column(&user, "email"),
        how: TextMatch::StartsWith,
        pattern: "e19".into(),
        ignore_case: false,
    };
    has(
        db.plan(Select::rows(user).filter(starts)),
        "Index Cond: ((email >= 'e19'::text) AND (email < 'e1:'::text))",
    );
    let any = Source::any(0, &fixture().users);
    let of_deletion = Predicate::equals(column(&any, "deletion_id"), [7; 16]);
    has(db.plan(keys(any, of_deletion)), "using ix_users_deletion_id");
}

#[test]
fn postgres_reads_in_the_order_of_a_column_that_can_be_null_by_its_index() {
    let Some(db) = on_postgres() else { return };
    for order in [Order::ascending, Order::descending] {
        let plan = db.plan(Select::rows(posts()).order_by(order(column(&posts(), "author_id"))));
        assert!(plan.contains("using ix_posts_author_id_live") && !plan.contains("Sort"), "{plan}");
    }
}

#[test]
fn postgres_finds_parents_that_the_journal_names_by_their_key() {
    let Some(db) = on_postgres() else { return };
    let parents = Predicate::Compare(users().key(), Comparison::Equal, column(&posts(), "any"));
    let parents = Predicate::Exists(Box::new(keys(users(), parents)));
    let plan = db.plan(keys(posts(), Predicate::equals(posts().key(), 1).and(parents)));
    assert!(
        plan.contains("on users t1") && plan.contains("Index Cond: (id = (t0.\"any\")::bigint)"),
        "{plan}"
    );
}

fn changes() -> &'static Arc<Table> {
    Journal::get().tables()[1]
}

/// The row of the journal about each post.
fn about_posts() -> Expr {
    let noted = Source::any(1, changes());
    let column = |name: &str| noted.column(changes().position(name).unwrap());
    let of = Predicate::equals(column("deletion_id"), [7; 16])
        .and(Predicate::equals(column("table_name"), "posts"))
        .and(Predicate::Compare(column("row_key"), Comparison::Equal, posts().key()));
    Expr::Scalar(Box::new(Select::columns(noted.clone(), vec![column("old_value")]).filter(of)))
}

#[test]
fn what_a_row_held_is_found_by_its_key() {
    let db = Database::new();
    let graph = &fixture().graph;
    for statement in create_table(changes(), graph, Dialect::Sqlite).unwrap() {
        db.execute(&statement);
    }
    let held = update(posts(), &[("author_id", about_posts())], Predicate::True).statement();
    let (sql, _) = compile(&held, Dialect::Sqlite).unwrap();
    let mut explain = db.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps =
        explain.query_map([&[7u8; 16] as &dyn rusqlite::ToSql, &"posts"], |row| row.get::<_, String>(3));
    let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
    let by = "SEARCH t1 USING INDEX ix_reprieve_changes_deletion_id_table_name_row_key \
        (deletion_id=? AND table_name=? AND row_key=?)";
    assert!(steps.iter().any(|step| step == by), "{steps:?}");
    let Some(postgres) = on_postgres() else { return };
    postgres.create(std::slice::from_ref(changes()), graph);
    let plan = postgres.plan(held);
    assert!(
        plan.contains("(row_key = (t0.id)::text)") && plan.contains("Index Cond: ((deletion_id = "),
        "{plan}"
    );
}
