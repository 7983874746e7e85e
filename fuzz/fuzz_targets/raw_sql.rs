//! A user's own SQL: any text is read, and nothing of it is lost.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reprieve_core::sql::{Dialect, Raw};

fuzz_target!(|sql: &str| {
    let sqlite = Raw::parse(sql, Dialect::Sqlite);
    // It takes names as we do: its text is the user's.
    assert_eq!(&*sqlite.statement.sql, sql);

    let postgres = Raw::parse(sql, Dialect::Postgres);
    for raw in [&sqlite, &postgres] {
        for (i, name) in raw.names.iter().enumerate() {
            assert!(sql.contains(&format!(":{name}")), "{name} is not in the text");
            assert!(!raw.names[..i].contains(name), "{name} is bound twice");
        }
    }
    for number in 1..=postgres.names.len() {
        assert!(postgres.statement.sql.contains(&format!("${number}")), "${number} is bound to nothing");
    }
});
