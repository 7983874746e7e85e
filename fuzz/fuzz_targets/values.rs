//! Values as other programs and clients write them: any text is read or refused, and what was read is written as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reprieve_core::schema::{Column, ColumnType};
use reprieve_core::sql::{compare_decimals, fold, json_text, key_text};
use reprieve_core::value::{Cell, Date, Time, Timestamp, Value};

fuzz_target!(|input: &[u8]| {
    texts(&String::from_utf8_lossy(input));
    columns(input);
    if let Some((number, rest)) = input.split_first_chunk() {
        numbers(i64::from_le_bytes(*number), rest);
    }
});

fn texts(text: &str) {
    if let Some(date) = Date::parse(text) {
        assert_eq!(date.to_string(), text);
        assert!(!date.exists() || Date::from_days(date.days()) == date);
    }
    if let Some(time) = Time::parse(text) {
        assert!(time.exists());
        assert_eq!(Time::parse(&time.to_string()), Some(time));
    }
    if let Ok(at) = Timestamp::parse(text)
        && (Timestamp::MIN..=Timestamp::MAX).contains(&at)
    {
        assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        let json = serde_json::to_string(&at).expect("an instant is JSON");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).ok(), Some(at));
    }
    assert_eq!(fold(&fold(text)), fold(text));

    let mut three = text.splitn(3, ' ');
    let [a, b, c] = [(); 3].map(|()| three.next().unwrap_or_default());
    assert_eq!(compare_decimals(a, b), compare_decimals(b, a).reverse());
    if compare_decimals(a, b).is_le() && compare_decimals(b, c).is_le() {
        assert!(compare_decimals(a, c).is_le(), "{a} <= {b} <= {c}");
    }
}

/// Every type of a column, given every kind of cell: a value that comes out is shown, checked and logged.
fn columns(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let cells = [Cell::Text(&text), Cell::Bytes(input), Cell::Int(input.len() as i64), Cell::Float(f64::NAN)];
    let kinds = [
        ColumnType::Integer,
        ColumnType::Text,
        ColumnType::Boolean,
        ColumnType::Float,
        ColumnType::Decimal { precision: 12, scale: 2 },
        ColumnType::Timestamp,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::Json,
        ColumnType::Uuid,
        ColumnType::Bytes,
        ColumnType::Array(Box::new(ColumnType::Integer)),
        ColumnType::Any,
    ];
    for kind in kinds {
        let column = Column::new("column", kind);
        for cell in cells {
            let Some(value) = column.kind().decode(cell) else { continue };
            let _ = column.check(&value);
            let _ = key_text(&value);
            if !matches!(value, Value::Json(_)) {
                let json = json_text(&value);
                serde_json::from_str::<&serde_json::value::RawValue>(&json).expect("it is JSON");
            }
        }
    }
}

fn numbers(number: i64, rest: &[u8]) {
    let at = Timestamp::from_microseconds(number);
    let (date, time) = at.parts();
    assert!(date.exists() && time.exists());
    assert_eq!(Timestamp::from_parts(date, time), at.clamp(Timestamp::MIN, Timestamp::MAX));
    assert!(Date::from_days(number).exists());
    assert!(Time::from_microseconds(number).exists());
    let float = Value::Float(f64::from_bits(number as u64));
    let list = Value::List(vec![float, Value::Bytes(rest.to_vec()), Value::Int(number), Value::Null]);
    serde_json::from_str::<&serde_json::value::RawValue>(&json_text(&list)).expect("it is JSON");
}
