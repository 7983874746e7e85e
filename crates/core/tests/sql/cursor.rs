//! Places as text, there and back; and everything else, which is refused.

use crate::fixture::{column, keys, posts, users};
use reprieve_core::error::Kind;
use reprieve_core::query::{Order, Predicate, Select, order_columns, place_value, read_cursor, write_cursor};
use reprieve_core::schema::ColumnType;
use reprieve_core::value::{Cell, Date, Time, Timestamp, Value};

fn by(name: &str) -> Select {
    let mut select = keys(posts(), Predicate::True).order_by(Order::ascending(column(&posts(), name)));
    select.order_all();
    select
}

fn refused(select: &Select, text: &str) {
    let error = read_cursor(select, text).unwrap_err();
    assert_eq!(
        (error.kind(), error.context().field().as_deref()),
        (Kind::InvalidValue, Some("cursor")),
        "{text}"
    );
}

#[test]
fn a_place_goes_there_and_back() {
    let instant = Timestamp::from_microseconds(-1);
    for (name, value) in [
        ("title", Value::from("a|é\0")),
        ("body", Value::Null),
        ("published", true.into()),
        ("author_id", i64::MIN.into()),
        ("price", Value::Decimal("-12.50".to_owned())),
        ("rating", f64::MIN_POSITIVE.into()),
        ("token", [0xff; 16].into()),
        ("data", vec![0, 255].into()),
        ("at", instant.into()),
    ] {
        let (select, place) = (by(name), [value, 7.into()]);
        let text = write_cursor(&select, &place);
        assert_eq!(read_cursor(&select, &text).unwrap(), place, "{name}");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{text}");
    }
}

#[test]
fn days_and_times_of_day_go_there_and_back() {
    use reprieve_core::query::Source;
    use reprieve_core::schema::{Column, ColumnType, Table};
    let table = Table::builder("Day", "days")
        .column(Column::new("date", ColumnType::Date).primary_key())
        .column(Column::new("time", ColumnType::Time))
        .build()
        .unwrap();
    let source = Source::live(0, &table);
    let mut select = keys(source.clone(), Predicate::True).order_by(Order::ascending(source.column(1)));
    select.order_all();
    let (date, time) = (Date::parse("9999-12-31").unwrap(), Time::parse("23:59:59.999999").unwrap());
    let place = [Value::from(time), Value::from(date)];
    assert_eq!(read_cursor(&select, &write_cursor(&select, &place)).unwrap(), place);
}

#[test]
fn a_text_that_is_changed_anywhere_is_refused() {
    let select = by("title");
    let text = write_cursor(&select, &["a".into(), 7.into()]);
    for at in 0..text.len() {
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        refused(&select, &[&text[..at], other, &text[at + 1..]].concat());
        refused(&select, &text[..at]);
    }
    for text in
        [String::new(), "7".to_owned(), "' OR 1=1 --".to_owned(), text.clone() + "AAAA", "é".repeat(9)]
    {
        refused(&select, &text);
    }
}

#[test]
fn a_cursor_of_another_list_is_refused() {
    let place = ["a".into(), 7.into()];
    let text = write_cursor(&by("title"), &place);
    refused(&by("body"), &text);
    let mut descending = by("title");
    descending.order[0].descending = true;
    refused(&descending, &text);
    let mut of_users = keys(users(), Predicate::True).order_by(Order::ascending(column(&users(), "email")));
    of_users.order_all();
    refused(&of_users, &text);
}

#[test]
fn a_place_of_the_wrong_types_is_refused() {
    let select = by("title");
    for place in [vec![1.into(), 7.into()], vec![Value::Null, 7.into()], vec!["a".into()], vec![]] {
        refused(&select, &write_cursor(&select, &place));
    }
    refused(&select, &write_cursor(&select, &["a".into(), 7.into(), 7.into()]));
}

#[test]
fn documents_have_no_order() {
    let error = order_columns(&by("meta")).unwrap_err();
    assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::InvalidValue, Some("meta")));
    assert!(order_columns(&by("at")).is_ok());
}

#[test]
fn an_instant_in_another_programs_form_keeps_it() {
    let of = |text| place_value(&ColumnType::Timestamp, Cell::Text(text));
    let canonical = "2025-10-22 10:30:00.000000";
    assert_eq!(of(canonical), Value::Timestamp(Timestamp::parse(canonical).unwrap()));
    assert_eq!(of("2025-10-22 10:30:00"), Value::from("2025-10-22 10:30:00"));
    let (select, place) = (by("at"), [of("2025-10-22T10:30:00Z"), 7.into()]);
    assert_eq!(read_cursor(&select, &write_cursor(&select, &place)).unwrap(), place);
    refused(&select, &write_cursor(&select, &["yesterday".into(), 7.into()]));
}
