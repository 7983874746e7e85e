//! What can be asked of a value on its own: the type that holds it answers.

use super::list::{dispatch_value, read_held};
use super::value_rules::ValueRules;
use crate::query::cursor::Reader;
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::Value;

/// The byte of NULL in a cursor.
const NULL: u8 = 0;

/// Checks a value against the rules of its column.
pub(super) fn check(value: &Value, rules: &Rules) -> Result<(), String> {
    dispatch_value!(value, Type(held) => Type::check(held, rules),
        Value::Null | Value::List(_) => Ok(()),
    )
}

/// The canonical text of a value. NULL has none.
pub(crate) fn key_text(value: &Value) -> Option<String> {
    Some(dispatch_value!(value, Type(held) => Type::key_text(held),
        Value::Null => return None,
        Value::List(_) => json_text(value, Dialect::Sqlite),
    ))
}

/// The JSON text that a database makes of a value. `jsonb` keeps the digits of a number, and no exponent.
pub(crate) fn json_text(value: &Value, dialect: Dialect) -> String {
    dispatch_value!(value, Type(held) => Type::json_text(held, dialect),
        Value::Null => "null".to_owned(),
        Value::List(values) => {
            let items: Vec<String> = values.iter().map(|item| json_text(item, dialect)).collect();
            format!("[{}]", items.join(","))
        }
    )
}

/// Adds a value to a cursor: a byte that names the type, then the value.
pub(crate) fn write(value: &Value, bytes: &mut Vec<u8>) {
    dispatch_value!(value, Type(held) => {
            bytes.push(Type::CURSOR);
            Type::write(held, bytes);
        },
        // A list is never a value of a column.
        Value::Null | Value::List(_) => bytes.push(NULL),
    );
}

/// Reads what [`write`] wrote; `None` for other bytes.
pub(crate) fn read(bytes: &mut Reader<'_>) -> Option<Value> {
    match bytes.array()? {
        [NULL] => Some(Value::Null),
        [code] => read_held(code, bytes),
    }
}
