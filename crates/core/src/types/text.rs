//! Text. Its order is that of code points on every database.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::{Reader, measured};
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::Value;
use std::fmt::Write;

/// PostgreSQL's collation by code points.
pub(super) const CODE_POINTS: &str = "\"C\"";

pub(super) struct Text;

impl TypeRules for Text {
    const DESCRIPTION: &'static Description = &Description {
        name: "text",
        code: 1,
        limits: Limits::Length,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "TEXT",
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "{x}",
            from_text: None,
        },
        postgres: Storage {
            name: "text",
            collation: Some(CODE_POINTS),
            in_arrays: true,
            json: "{x}",
            key_text: "{x}",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(_))
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Text, Value::from("say \"hi\" \u{1}\u{e9}"))
    }
}

impl ValueRules for Text {
    type Held = String;

    const CURSOR: u8 = 4;

    fn check(held: &String, rules: &Rules) -> Result<(), String> {
        rules.check_length(held)
    }

    fn key_text(held: &String) -> String {
        held.clone()
    }

    fn json_text(held: &String, _dialect: Dialect) -> String {
        quoted(held)
    }

    fn write(held: &String, bytes: &mut Vec<u8>) {
        measured(held.as_bytes(), bytes);
    }

    fn read(bytes: &mut Reader<'_>) -> Option<String> {
        bytes.text()
    }
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
