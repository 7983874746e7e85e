//! One of some labels. SQLite holds the label as text; on PostgreSQL a column has an enum type of its own.

use super::ColumnType;
use super::rules::{Description, Limits, Storage, TypeRules};
use super::text::CODE_POINTS;
use crate::value::Value;

pub(super) struct Enum<'a>(pub(super) &'a [String]);

impl TypeRules for Enum<'_> {
    const DESCRIPTION: &'static Description = &Description {
        name: "enum",
        code: 11,
        limits: Limits::None,
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
            // Where no column gives the enum a type of its own.
            name: "text",
            collation: Some(CODE_POINTS),
            in_arrays: true,
            json: "{x}::text",
            key_text: "{x}::text",
            from_text: None,
        },
    };

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(label) if self.0.contains(label))
    }

    fn refusal(&self, value: &Value) -> String {
        match value {
            Value::Text(_) => format!("expected one of {}", self.0.join(", ")),
            value => format!("expected {}, got {}", Self::DESCRIPTION.name, value.type_name()),
        }
    }

    #[cfg(test)]
    fn example() -> (ColumnType, Value) {
        (ColumnType::Enum(["it's".to_owned(), "draft".to_owned()].into()), Value::from("draft"))
    }
}

impl ColumnType {
    /// The labels of an enum.
    pub(crate) fn labels(&self) -> Option<&[String]> {
        match self {
            Self::Enum(labels) => Some(labels),
            _ => None,
        }
    }
}
