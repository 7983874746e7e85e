//! The character NUL, which some databases cannot store. A client's text that holds one is a value that does not fit, and
//! is told so by its field, whether it is to be stored or compared with what is stored.

use super::{Change, Session};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::Statement;
use reprieve_core::schema::Table;
use reprieve_core::value::Value;

impl Session {
    /// Which of these values the database cannot take.
    fn refused<'a, T>(&self, mut values: impl Iterator<Item = (T, &'a Value)>) -> Option<T> {
        if self.database.capability().nul_characters {
            return None;
        }
        values.find(|(_, value)| holds_nul(value)).map(|(which, _)| which)
    }

    /// Refuses a text, or a document, with a character that the database cannot store.
    pub(crate) fn check_characters(&self, table: &Table, values: &[Change]) -> Result<()> {
        match self.refused(values.iter().map(|(column, value)| (*column, value))) {
            Some(column) => Err(of_field(table, &table.columns[column].name)),
            None => Ok(()),
        }
    }

    /// The same for what a statement compares with. What is inserted was looked at row by row.
    pub(super) fn check_operands(&self, statement: &Statement, binds: &[Value]) -> Result<()> {
        if matches!(statement, Statement::Insert(_)) || self.refused(binds.iter().map(|v| ((), v))).is_none()
        {
            return Ok(());
        }
        let table = statement.table();
        let compared = statement.column_compared_with(&holds_nul);
        // In a condition on another table it has no name here.
        Err(of_field(table, compared.map_or("filter", |column| table.columns[column].name.as_str())))
    }

    /// The same for the key of a row.
    pub(super) fn check_key(&self, table: &Table, key: &Value) -> Result<()> {
        match self.refused([((), key)].into_iter()) {
            Some(()) => Err(of_field(table, &table.key().name)),
            None => Ok(()),
        }
    }

    /// The same for what goes by a name of its own: a value of a user's statement, a reason.
    pub(crate) fn check_named<'a>(&self, values: impl Iterator<Item = (&'a str, &'a Value)>) -> Result<()> {
        match self.refused(values) {
            Some(name) => Err(refusal(name).field(name).value(WHY)),
            None => Ok(()),
        }
    }
}

const WHY: &str = "the database has no text that contains the character NUL: remove it first";

fn of_field(table: &Table, field: &str) -> Error {
    refusal(&format!("{}.{field}", table.model)).model(&table.model).field(field).value(WHY)
}

fn refusal(place: &str) -> Error {
    Error::new(Kind::InvalidValue, format!("{place}: {WHY}"))
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::List(values) => values.iter().any(holds_nul),
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
