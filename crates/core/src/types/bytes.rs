//! Bytes. Their text is hexadecimal.

use super::rules::{Description, Limits, Storage, TypeRules};
use super::text::quoted;
use super::uuid::uuid_text;
use super::value_rules::ValueRules;
use crate::query::cursor::{Reader, measured};
use crate::sql::Dialect;
use crate::value::Value;

pub(super) struct Bytes;

impl TypeRules for Bytes {
    const DESCRIPTION: &'static Description = &Description {
        name: "bytes",
        code: 10,
        limits: Limits::None,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "BLOB",
            collation: None,
            in_arrays: false,
            json: "CASE WHEN {x} IS NOT NULL THEN lower(hex({x})) END",
            key_text: uuid_text!(),
            from_text: None,
        },
        postgres: Storage {
            name: "bytea",
            collation: None,
            in_arrays: false,
            json: "encode({x}, 'hex')",
            key_text: "encode({x}, 'hex')",
            from_text: Some("decode({x}, 'hex')"),
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Bytes(_))
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Bytes, Value::Bytes(vec![0, 1, 255]))
    }
}

impl ValueRules for Bytes {
    type Held = Vec<u8>;

    const CURSOR: u8 = 5;

    fn key_text(held: &Vec<u8>) -> String {
        hex(held)
    }

    fn json_text(held: &Vec<u8>, _dialect: Dialect) -> String {
        quoted(&hex(held))
    }

    fn write(held: &Vec<u8>, bytes: &mut Vec<u8>) {
        measured(held, bytes);
    }

    fn read(bytes: &mut Reader<'_>) -> Option<Vec<u8>> {
        bytes.measured().map(<[u8]>::to_vec)
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}
