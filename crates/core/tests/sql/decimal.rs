//! Decimals as text, compared as numbers.

use crate::database::Database;
use crate::fixture::{column, keys, posts};
use reprieve_core::query::{Comparison, Expr, Order, Predicate};
use reprieve_core::sql::compare_decimals;
use reprieve_core::value::Value;
use std::cmp::Ordering;

const ASCENDING: [&str; 12] = [
    "-100",
    "-20.5",
    "-20.45",
    "-0.01",
    "0",
    "0.001",
    "0.01",
    "9.99",
    "10",
    "99999999999999999.98",
    "99999999999999999.99",
    "1e3",
];

#[test]
fn the_order_is_that_of_the_numbers_and_what_is_none_comes_last() {
    for (i, left) in ASCENDING.iter().enumerate() {
        for (j, right) in ASCENDING.iter().enumerate() {
            assert_eq!(compare_decimals(left, right), i.cmp(&j), "{left} {right}");
        }
    }
}

#[test]
fn zeros_and_signs_that_do_not_count_do_not_count() {
    for (left, right) in
        [("1.50", "1.5"), ("-0", "0"), ("007", "7."), (".5", "0.50"), ("+1", "1"), ("-0.0", "+0")]
    {
        assert_eq!(compare_decimals(left, right), Ordering::Equal, "{left} {right}");
    }
    assert_ne!(compare_decimals("", "0"), Ordering::Equal);
    assert_ne!(compare_decimals("-", "0"), Ordering::Equal);
    assert_ne!(compare_decimals("1.2.3", "1.2"), Ordering::Equal);
}

#[test]
fn comparison_order_and_uniqueness_on_sqlite_are_those_of_the_numbers() {
    let db = Database::new();
    db.execute(
        "INSERT INTO posts (id, title, price) VALUES (1, 'a', '10.00'), (2, 'b', '9.50'), (3, 'c', '-1')",
    );
    let price = || column(&posts(), "price");
    let compare = |how, value: &str| {
        let value = Expr::Bind(Value::Decimal(value.into()));
        db.run(keys(posts(), Predicate::Compare(price(), how, value))).join(" ")
    };
    assert_eq!(compare(Comparison::Less, "10"), "2 3");
    assert_eq!(compare(Comparison::Equal, "10"), "1");
    assert_eq!(compare(Comparison::NotEqual, "9.5"), "1 3");
    assert_eq!(db.run(keys(posts(), Predicate::In(price(), vec![Value::Decimal("9.500".into())]))), ["2"]);
    let between = Predicate::Between(price(), Value::Decimal("-1.0".into()), Value::Decimal("9.5".into()));
    assert_eq!(db.run(keys(posts(), between)), ["2", "3"]);
    assert_eq!(db.run(keys(posts(), Predicate::True).order_by(Order::ascending(price()))), ["3", "2", "1"]);
    db.execute("CREATE UNIQUE INDEX one_price ON posts (price)");
    assert!(db.0.execute("INSERT INTO posts (title, price) VALUES ('d', '10.000')", []).is_err());
}
