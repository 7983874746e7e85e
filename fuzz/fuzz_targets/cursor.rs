//! Cursors that clients send: any text is refused or is a place, and a place compiles. The check in a cursor is no secret, so
//! that a client can give any bytes a check that holds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reprieve_core::query::{Order, Select, Source, Statement, forge_cursor, read_cursor, write_cursor};
use reprieve_core::schema::{Column, ColumnType, Table};
use reprieve_core::sql::{Dialect, compile};
use std::sync::{Arc, LazyLock};

/// Every type that rows can be ordered by; every second column may hold NULL.
static TABLE: LazyLock<Arc<Table>> = LazyLock::new(|| {
    let kinds = [
        ColumnType::Text,
        ColumnType::Boolean,
        ColumnType::Float,
        ColumnType::Decimal { precision: 12, scale: 2 },
        ColumnType::Timestamp,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::Uuid,
        ColumnType::Bytes,
        ColumnType::Enum(["red", "green"].map(String::from).into()),
    ];
    let key = Column::new("id", ColumnType::Integer).primary_key();
    let columns = kinds.into_iter().enumerate().map(|(i, kind)| {
        let column = Column::new(format!("c{i}"), kind);
        if i % 2 == 0 { column } else { column.not_null() }
    });
    columns
        .fold(Table::builder("Row", "rows").column(key), |table, column| table.column(column))
        .soft_delete()
        .build()
        .expect("the table is sound")
});

fuzz_target!(|input: &[u8]| {
    let Some((&[order, forged], rest)) = input.split_first_chunk() else { return };
    let source = Source::live(0, &TABLE);
    let column = source.column(usize::from(order & 0x7f) % 11);
    let term = if order & 0x80 == 0 { Order::ascending(column) } else { Order::descending(column) };
    let mut select = Select::rows(source).order_by(term);
    select.order_all();

    let place = if forged % 2 == 0 {
        read_cursor(&select, &String::from_utf8_lossy(rest))
    } else {
        read_cursor(&select, &forge_cursor(&select, rest))
    };
    let Ok(place) = place else { return };
    let again = read_cursor(&select, &write_cursor(&select, &place)).expect("what was written is read");
    // By their text: a NaN is not equal to itself.
    assert_eq!(format!("{place:?}"), format!("{again:?}"));
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        compile(&Statement::Select(select.clone().after(&place)), dialect).expect("a place compiles");
    }
});
