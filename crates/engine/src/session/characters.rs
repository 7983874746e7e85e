//! The character NUL, which some databases cannot store. A client's text that holds one is a value that does not fit, and
//! is told so by its field.

use super::{Change, Session};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;

impl Session {
    /// Refuses a text, or a document, with a character that the database cannot store.
    pub(crate) fn check_characters(&self, table: &Table, values: &[Change]) -> Result<()> {
        if self.database.inner.driver.capability().nul_characters {
            return Ok(());
        }
        let Some((column, _)) = values.iter().find(|(_, value)| holds_nul(value)) else { return Ok(()) };
        let field = &table.columns[*column].name;
        let why = "the database cannot store a text that contains the character NUL: remove it first";
        let error = Error::new(Kind::InvalidValue, format!("{}.{field}: {why}", table.model));
        Err(error.model(&table.model).field(field).value(why))
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        // Escaped by a backslash that is not escaped itself.
        Value::Json(text) => text.match_indices("\\u0000").any(|(at, _)| {
            let before = text[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
            before.is_multiple_of(2)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::holds_nul;
    use reprieve_core::value::Value;

    #[test]
    fn a_nul_is_found_in_texts_and_documents() {
        let json = |text: &str| holds_nul(&Value::Json(text.into()));
        assert!(holds_nul(&Value::Text("a\0b".into())));
        assert!(!holds_nul(&Value::Text("\\u0000".into())));
        assert!(json(r#"{"a": "\u0000"}"#));
        assert!(json(r#"["\\\u0000"]"#));
        assert!(!json(r#"["\\u0000", "\u0001"]"#));
        assert!(!holds_nul(&Value::Int(0)));
    }
}
