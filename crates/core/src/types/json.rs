//! JSON documents. SQLite holds their text.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::{Reader, measured};
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{Cell, Value};

/// How deep lists and objects of a document may lie in each other. Readers recurse: serde_json stops at 128, Python's
/// encoders run out of stack at a few hundred, and a row that they cannot write could never be listed again.
pub const MAX_JSON_DEPTH: usize = 100;

pub(super) struct Json;

impl TypeRules for Json {
    const DESCRIPTION: &'static Description = &Description {
        name: "JSON",
        code: 8,
        limits: Limits::None,
        document: true,
        ordered: false,
        varying_text: false,
        sqlite: Storage {
            name: "TEXT",
            collation: None,
            in_arrays: false,
            json: "json({x})",
            key_text: "CAST({x} AS TEXT)",
            from_text: None,
        },
        postgres: Storage {
            name: "jsonb",
            collation: None,
            in_arrays: false,
            json: "{x}",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Json(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Text(v) => Some(Value::Json(v.to_owned())),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Json, Value::Json("{\"a\":[1,null]}".to_owned()))
    }
}

impl ValueRules for Json {
    type Held = String;

    const CURSOR: u8 = 11;

    fn check(held: &String, _rules: &Rules) -> Result<(), String> {
        check_depth(held)
    }

    fn key_text(held: &String) -> String {
        held.clone()
    }

    fn json_text(held: &String, _dialect: Dialect) -> String {
        held.clone()
    }

    fn write(held: &String, bytes: &mut Vec<u8>) {
        measured(held.as_bytes(), bytes);
    }

    fn read(bytes: &mut Reader<'_>) -> Option<String> {
        bytes.text()
    }
}

fn check_depth(text: &str) -> Result<(), String> {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > MAX_JSON_DEPTH {
                    return Err(format!("a document is at most {MAX_JSON_DEPTH} lists and objects deep"));
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}
