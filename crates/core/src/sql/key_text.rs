//! The canonical text of a key, by which the audit log names rows.

use super::Dialect;
use super::typed::Type;
use super::writer::Writer;
use crate::error::Result;
use crate::query::Expr;
use crate::schema::ColumnType;
use crate::value::Value;

/// A UUID, stored as 16 bytes, with hyphens; other bytes in hexadecimal; anything else as it is. (Where only some
/// of the values are UUIDs: the journal keeps keys of every table in one column.)
pub(super) const UUID_TEXT: &str = "CASE typeof({x}) WHEN 'blob' THEN CASE length({x}) WHEN 16 THEN \
    lower(substr(hex({x}), 1, 8) || '-' || substr(hex({x}), 9, 4) || '-' || substr(hex({x}), 13, 4) || '-' || \
    substr(hex({x}), 17, 4) || '-' || substr(hex({x}), 21)) ELSE lower(hex({x})) END ELSE {x} END";

/// A date on PostgreSQL, whatever the session's DateStyle.
pub(super) const DATE_TEXT: &str = "to_char({x}, 'YYYY-MM-DD')";

/// A time of day on PostgreSQL, with microseconds.
pub(super) const TIME_TEXT: &str = "to_char({x}, 'HH24:MI:SS.US')";

/// The canonical text of a key: an integer in decimal, a UUID with hyphens, text as it is. NULL has none.
///
/// ```
/// use reprieve_core::{sql::key_text, value::Value};
///
/// assert_eq!(key_text(&Value::Int(7)).as_deref(), Some("7"));
/// ```
pub fn key_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(v) => u8::from(*v).to_string(),
        Value::Int(v) => v.to_string(),
        Value::Float(v) => format!("{v:?}"),
        Value::Text(v) | Value::Decimal(v) | Value::Json(v) => v.clone(),
        Value::Bytes(v) => hex(v),
        Value::List(_) => super::json_text(value),
        Value::Timestamp(v) => v.to_string(),
        Value::Date(v) => v.to_string(),
        Value::Time(v) => v.to_string(),
        Value::Uuid(v) => hyphenated(*v),
    })
}

impl<'a> Writer<'a> {
    pub(super) fn key_text(&mut self, key: &'a Expr) -> Result<()> {
        if let Expr::Bind(value) = key {
            self.bind(key_text(value).into());
            if self.is_typed() {
                self.cast(&Type::of_kind(ColumnType::Text));
            }
            return Ok(());
        }
        let kind = self.kind(key)?;
        let template = match (kind, self.dialect) {
            (ColumnType::Text, _) | (ColumnType::Enum(_), Dialect::Sqlite) => "{x}",
            (ColumnType::Uuid | ColumnType::Bytes, Dialect::Sqlite) => UUID_TEXT,
            (ColumnType::Any | ColumnType::Key, Dialect::Sqlite) => {
                return self.template(&format!("CAST({UUID_TEXT} AS TEXT)"), key);
            }
            (_, Dialect::Sqlite) => "CAST({x} AS TEXT)",
            (ColumnType::Any, Dialect::Postgres) => "{x}",
            (ColumnType::Boolean, Dialect::Postgres) => "{x}::int::text",
            (ColumnType::Bytes, Dialect::Postgres) => "encode({x}, 'hex')",
            // What the casts write hangs on settings of the session.
            (ColumnType::Timestamp, Dialect::Postgres) => {
                "to_char({x} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
            }
            (ColumnType::Date, Dialect::Postgres) => DATE_TEXT,
            (ColumnType::Time, Dialect::Postgres) => TIME_TEXT,
            (_, Dialect::Postgres) => "{x}::text",
        };
        self.template(template, key)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

pub(super) fn hyphenated(uuid: [u8; 16]) -> String {
    let h = hex(&uuid);
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}
