//! A user's own SQL: any text is read, and nothing of it is lost.

#![no_main]

use libfuzzer_sys::fuzz_target;
use reprieve_core::sql::{Dialect, Raw};
use reprieve_core::value::Value;

fuzz_target!(|sql: &str| {
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let raw = Raw::parse(sql, dialect);
        for (i, name) in raw.names.iter().enumerate() {
            assert!(sql.contains(&format!(":{name}")), "{name} is not in the text");
            assert!(!raw.names[..i].contains(name), "{name} is bound twice");
            assert_eq!(raw.position(name), Some(i));
        }
        let one = vec![Value::Int(1); raw.names.len()];
        let (statement, bound) = raw.statement(&one).expect("single values have a place everywhere");
        assert_eq!(bound.len(), raw.names.len());
        if raw.names.is_empty() {
            assert_eq!(&*statement.sql, sql);
        }
        if dialect == Dialect::Postgres {
            for number in 1..=raw.names.len() {
                assert!(statement.sql.contains(&format!("${number}")), "${number} is bound to nothing");
            }
        }
        // Either every list has a place, or the statement is refused.
        let _ = raw.statement(&vec![Value::List(one.clone()); raw.names.len()]);
    }
});
