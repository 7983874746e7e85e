//! The rows that follow a given one: exact texts, and the rows that SQLite finds.

use crate::database::{Database, text, with_binds};
use crate::fixture::{column, fixture, keys, posts};
use crate::postgres::Both;
use reprieve_core::query::{Order, Predicate, Select, Source};
use reprieve_core::value::Value;

const LIVE: &str = r#"SELECT "id" FROM "posts" WHERE "deleted_at" IS NULL AND "#;

/// Live posts in this order, a minus for the largest first; equal ones by key.
fn by(names: &[&str]) -> Select {
    let order = names.iter().map(|name| match name.strip_prefix('-') {
        Some(name) => Order::descending(column(&posts(), name)),
        None => Order::ascending(column(&posts(), name)),
    });
    let mut select = order.fold(keys(posts(), Predicate::True), Select::order_by);
    select.order_all();
    select
}

fn condition(names: &[&str], place: &[Value]) -> String {
    let text = text(by(names).after(place));
    let text = text.strip_prefix(LIVE).unwrap();
    text.split_once(" ORDER BY ").unwrap().0.to_owned()
}

#[test]
fn by_key_alone_it_is_one_comparison() {
    assert_eq!(condition(&[], &[7.into()]), r#""id" > ?"#);
    assert_eq!(condition(&["-id"], &[7.into()]), r#""id" < ?"#);
}

#[test]
fn a_term_is_a_range_that_an_index_can_seek_to_and_the_key_breaks_ties() {
    assert_eq!(
        condition(&["title"], &["a".into(), 7.into()]),
        r#""title" >= ? AND ("title" > ? OR "id" > ?)"#
    );
    assert_eq!(
        condition(&["-title", "-id"], &["a".into(), 7.into()]),
        r#""title" <= ? AND ("title" < ? OR "id" < ?)"#
    );
}

#[test]
fn null_is_the_first_value_ascending_and_the_last_descending() {
    assert_eq!(condition(&["rating"], &[Value::Null, 7.into()]), r#"("rating" IS NOT NULL OR "id" > ?)"#);
    assert_eq!(condition(&["-rating"], &[Value::Null, 7.into()]), r#""rating" IS NULL AND "id" > ?"#);
    assert_eq!(
        condition(&["-rating"], &[1.5.into(), 7.into()]),
        r#"("rating" < ? OR "rating" IS NULL OR ("rating" = ? AND "id" > ?))"#
    );
}

#[test]
fn terms_nest_and_values_are_bound_in_their_order() {
    let select = by(&["title", "-rating"]).after(&["a".into(), 1.5.into(), 7.into()]);
    let (text, binds) = with_binds(select);
    let rating = r#"("rating" < ? OR "rating" IS NULL OR ("rating" = ? AND "id" > ?))"#;
    let order = r#" ORDER BY "title", "rating" DESC, "id""#;
    assert_eq!(text, format!(r#"{LIVE}"title" >= ? AND ("title" > ? OR {rating}){order}"#));
    assert_eq!(binds, ["a".into(), "a".into(), 1.5.into(), 1.5.into(), Value::Int(7)]);
}

#[test]
fn reading_on_row_by_row_finds_every_row_once_in_every_order() {
    let db = Both::new();
    db.execute(
        "INSERT INTO posts (id, title, rating, price) VALUES (1, 'b', 2, '10.00'), (2, 'a', NULL, '9.00'),
         (3, 'b', 1, NULL), (4, 'a', 2, '9.00'), (5, 'a', NULL, NULL), (6, 'c', 2, '10.00')",
    );
    let columns = ["title", "rating", "price"];
    let orders = columns.iter().flat_map(|a| columns.iter().map(move |b| (a, b)));
    for ((first, second), signs) in orders.flat_map(|names| (0..4).map(move |signs| (names, signs))) {
        let sign = |bit: u8| if signs & bit == 0 { "" } else { "-" };
        let names = [format!("{}{first}", sign(1)), format!("{}{second}", sign(2))];
        let names = names.each_ref().map(String::as_str);
        let whole = db.run(by(&names));
        let mut found = Vec::new();
        let mut place: Option<Vec<Value>> = None;
        while let Some(row) = next(&db, &names, place.as_deref()) {
            found.push(row.0);
            place = Some(row.1);
        }
        assert_eq!(found, whole, "{names:?}");
    }
}

/// The next row: its key, and its place in the order.
fn next(db: &Both, names: &[&str], after: Option<&[Value]>) -> Option<(String, Vec<Value>)> {
    let mut select = by(names).limit(1);
    select = after.iter().fold(select, |select, place| select.after(place));
    select.columns.extend(select.order.iter().map(|term| term.by.clone()).collect::<Vec<_>>());
    let row = db.run(select).pop()?;
    let mut cells = row.split('|');
    let key = cells.next()?.to_owned();
    let values = names.iter().zip(cells).map(|(name, cell)| match (name.trim_start_matches('-'), cell) {
        (_, "NULL") => Value::Null,
        ("rating", cell) => Value::Float(cell.parse().unwrap()),
        ("price", cell) => Value::Decimal(cell.to_owned()),
        (_, cell) => Value::from(cell),
    });
    let place = values.chain([Value::Int(key.parse().unwrap())]).collect();
    Some((key, place))
}

#[test]
fn the_place_is_found_by_an_index() {
    let db = Database::new();
    db.execute("CREATE INDEX by_title ON posts (title) WHERE deleted_at IS NULL");
    let (sql, _) = with_binds(by(&["title"]).after(&["a".into(), 7.into()]));
    let mut plan = db.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = plan.query_map(["a", "a", "7"], |row| row.get::<_, String>(3)).unwrap();
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    assert!(steps[0].starts_with("SEARCH posts USING") && steps[0].contains("title>?"), "{steps:?}");
    assert_eq!(steps.len(), 1, "no sorting: {steps:?}");
}

#[test]
fn a_table_without_soft_delete_is_read_on_too() {
    let countries = Source::live(0, &fixture().countries);
    let mut select = keys(countries, Predicate::True);
    select.order_all();
    assert_eq!(
        text(select.after(&["DE".into()])),
        r#"SELECT "code" FROM "countries" WHERE "code" > ? ORDER BY "code""#
    );
}
