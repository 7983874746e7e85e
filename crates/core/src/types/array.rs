//! Lists of one type. SQLite holds their JSON text; PostgreSQL has arrays of some types and holds other lists as JSON.

use super::ColumnType;
use super::rules::{Description, Limits, Storage, TypeRules};
use crate::sql::Dialect;
use crate::value::{Cell, Value};
use std::borrow::Cow;

pub(super) struct Array<'a>(pub(super) &'a ColumnType);

impl TypeRules for Array<'_> {
    const DESCRIPTION: &'static Description = &Description {
        name: "array",
        code: 14,
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

    fn database_name(&self, dialect: Dialect) -> Cow<'static, str> {
        match self.0.storage(dialect).in_arrays {
            true => Cow::Owned(format!("{}[]", self.0.database_name(dialect))),
            false => Cow::Borrowed(Self::DESCRIPTION.storage(dialect).name),
        }
    }

    fn shape(&self, bytes: &mut Vec<u8>) {
        bytes.push(Self::DESCRIPTION.code);
        self.0.shape(bytes);
    }

    #[cfg(test)]
    fn example() -> (ColumnType, Value) {
        (ColumnType::Array(Box::new(ColumnType::Integer)), Value::Json("[1,null]".to_owned()))
    }
}
