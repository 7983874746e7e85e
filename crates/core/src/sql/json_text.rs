//! A value as JSON text, the same that the database makes of a column that holds it.

use super::Dialect;
use crate::types::values;
use crate::value::Value;

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
    values::json_text(value, Dialect::Sqlite)
}
