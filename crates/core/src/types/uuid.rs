//! UUIDs. SQLite has none and holds 16 bytes.

use super::bytes::hex;
use super::rules::{Description, Limits, Storage, TypeRules};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::sql::Dialect;
use crate::value::{Cell, Value};

/// On SQLite: 16 bytes as a UUID with hyphens, other bytes in hexadecimal, anything else as it is. Some of the values may
/// not be UUIDs, because the journal keeps keys of every table in one column.
macro_rules! uuid_text {
    () => {
        "CASE typeof({x}) WHEN 'blob' THEN CASE length({x}) WHEN 16 THEN \
         lower(substr(hex({x}), 1, 8) || '-' || substr(hex({x}), 9, 4) || '-' || substr(hex({x}), 13, 4) || '-' || \
         substr(hex({x}), 17, 4) || '-' || substr(hex({x}), 21)) ELSE lower(hex({x})) END ELSE {x} END"
    };
}
pub(super) use uuid_text;

pub(super) struct Uuid;

impl TypeRules for Uuid {
    const DESCRIPTION: &'static Description = &Description {
        name: "UUID",
        code: 9,
        limits: Limits::None,
        document: false,
        ordered: true,
        varying_text: false,
        sqlite: Storage {
            name: "BLOB",
            collation: None,
            in_arrays: false,
            json: uuid_text!(),
            key_text: uuid_text!(),
            from_text: None,
        },
        postgres: Storage {
            name: "uuid",
            collation: None,
            in_arrays: true,
            json: "{x}::text",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Uuid(_))
    }

    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Bytes(v) => v.try_into().ok().map(Value::Uuid),
            cell => self.as_is(cell),
        }
    }

    #[cfg(test)]
    fn example() -> (super::ColumnType, Value) {
        (super::ColumnType::Uuid, Value::Uuid(*b"0123456789abcdef"))
    }
}

impl ValueRules for Uuid {
    type Held = [u8; 16];

    const CURSOR: u8 = 10;

    fn key_text(held: &[u8; 16]) -> String {
        hyphenated(held)
    }

    fn json_text(held: &[u8; 16], _dialect: Dialect) -> String {
        format!("\"{}\"", hyphenated(held))
    }

    fn write(held: &[u8; 16], bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(held);
    }

    fn read(bytes: &mut Reader<'_>) -> Option<[u8; 16]> {
        bytes.array()
    }
}

fn hyphenated(uuid: &[u8; 16]) -> String {
    let h = hex(uuid);
    format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
}
