//! The canonical text of a key, by which the audit log names rows.

use super::typed::Type;
use super::writer::Writer;
use crate::error::Result;
use crate::query::Expr;
use crate::schema::ColumnType;
use crate::types::values;
use crate::value::Value;

/// The canonical text of a key: an integer in decimal, a UUID with hyphens, text as it is. NULL has none.
///
/// ```
/// use reprieve_core::{sql::key_text, value::Value};
///
/// assert_eq!(key_text(&Value::Int(7)).as_deref(), Some("7"));
/// ```
pub fn key_text(value: &Value) -> Option<String> {
    values::key_text(value)
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
        let template = self.kind(key)?.storage(self.dialect).key_text;
        self.template(template, key)
    }
}
