//! A value as JSON text, the same that the database makes of a column that holds it.

use super::Dialect;
use super::key_text::{hex, hyphenated};
use crate::value::Value;
use std::fmt::Write;

/// The JSON text of a value: an instant as ISO 8601 text with its offset, a decimal as text (numbers of JSON are
/// doubles to most readers), a UUID as text with hyphens, bytes in hexadecimal, a JSON document as itself.
///
/// ```
/// use reprieve_core::{sql::json_text, value::Value};
///
/// assert_eq!(json_text(&Value::from("say \"hi\"")), r#""say \"hi\"""#);
/// assert_eq!(json_text(&Value::Null), "null");
/// ```
pub fn json_text(value: &Value) -> String {
    document_text(value, Dialect::Sqlite)
}

/// The same for a database: `jsonb` keeps of a number its digits, and no exponent.
pub(crate) fn document_text(value: &Value, dialect: Dialect) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(v) => v.to_string(),
        Value::Int(v) => v.to_string(),
        Value::Float(v) => match dialect {
            Dialect::Sqlite => float(*v),
            Dialect::Postgres => digits(*v),
        },
        Value::Text(v) | Value::Decimal(v) => quoted(v),
        Value::Bytes(v) => quoted(&hex(v)),
        Value::Timestamp(v) => {
            let (date, time) = v.parts();
            format!("\"{date}T{time}+00:00\"")
        }
        Value::Date(v) => format!("\"{v}\""),
        Value::Time(v) => format!("\"{v}\""),
        Value::Uuid(v) => format!("\"{}\"", hyphenated(*v)),
        Value::Json(v) => v.clone(),
        Value::List(v) => {
            let items: Vec<String> = v.iter().map(|item| document_text(item, dialect)).collect();
            format!("[{}]", items.join(","))
        }
    }
}

/// JSON has no infinity: a number out of range is read as one, by SQLite and by Python.
fn float(v: f64) -> String {
    match v {
        _ if v.is_nan() => "null".to_owned(),
        f64::INFINITY => "9.0e+999".to_owned(),
        f64::NEG_INFINITY => "-9.0e+999".to_owned(),
        _ => format!("{v:?}"),
    }
}

/// A double without an exponent and with a point, by which readers tell it from an integer; a number that is too large
/// for a double stands for an infinity.
fn digits(v: f64) -> String {
    match v {
        _ if v.is_nan() => "null".to_owned(),
        _ if v.is_infinite() => format!("{}9{}.0", if v < 0.0 { "-" } else { "" }, "0".repeat(400)),
        _ => match format!("{v}") {
            text if text.contains('.') => text,
            whole => format!("{whole}.0"),
        },
    }
}

fn quoted(text: &str) -> String {
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
