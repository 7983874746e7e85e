//! What every column type answers: the trait that each type implements once, in its own file.

use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{Cell, Value};
use std::borrow::Cow;

/// A column type. What is the same for all its columns is in [`Self::DESCRIPTION`]; the methods see the parameters of one
/// column, such as the labels of an enum.
pub(super) trait TypeRules {
    /// What holds for every column of the type.
    const DESCRIPTION: &'static Description;

    /// Whether a value, which is not NULL, is of this type.
    fn accepts(&self, value: &Value) -> bool;

    /// A cell, which is not NULL, as a value. A type that some database stores in the form of another reads that form too.
    fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        self.as_is(cell)
    }

    /// A cell that a driver hands over in the type's own form.
    fn as_is(&self, cell: Cell<'_>) -> Option<Value> {
        let value = cell.to_value();
        self.accepts(&value).then_some(value)
    }

    /// What is wrong with a value that the type does not accept.
    fn refusal(&self, value: &Value) -> String {
        format!("expected {}, got {}", Self::DESCRIPTION.name, value.type_name())
    }

    /// Checks a value that the type accepts against its parameters and the column's rules.
    fn check(&self, value: &Value, rules: &Rules) -> Result<(), String> {
        super::values::check(value, rules)
    }

    /// What is wrong with the type's own parameters, if anything is.
    fn contradiction(&self) -> Option<String> {
        None
    }

    /// The database's name for the type, without parameters.
    fn database_name(&self, dialect: Dialect) -> Cow<'static, str> {
        Cow::Borrowed(Self::DESCRIPTION.storage(dialect).name)
    }

    /// What follows that name where a column is declared: `(12, 2)`.
    fn parameters(&self, _dialect: Dialect) -> String {
        String::new()
    }

    /// Adds the type to a statement's shape, as far as a cast to it says.
    fn shape(&self, bytes: &mut Vec<u8>) {
        bytes.push(Self::DESCRIPTION.code);
    }

    /// A column type and a value of it, for the test that walks the list of types.
    #[cfg(test)]
    fn example() -> (super::ColumnType, Value);
}

/// What holds for every column of a type. No field has a default: the compiler names the one that was forgotten.
#[derive(Debug, PartialEq)]
pub(crate) struct Description {
    /// The name in messages.
    pub(crate) name: &'static str,
    /// The byte in a statement's shape. Each type has its own.
    pub(super) code: u8,
    /// Which limits of [`Rules`] say something about its values.
    pub(crate) limits: Limits,
    /// Whether a value is a JSON document, which holds neither NaN nor an infinity.
    pub(crate) document: bool,
    /// Whether rows have an order by such a column, in which a cursor marks a position.
    pub(crate) ordered: bool,
    /// Whether a database without the type may hold one value as several texts: an instant with and without its fraction.
    pub(crate) varying_text: bool,
    /// How SQLite holds it.
    pub(super) sqlite: Storage,
    /// How PostgreSQL holds it.
    pub(super) postgres: Storage,
}

/// The limits that a type knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limits {
    /// Neither.
    None,
    /// Limits of length, which are for texts.
    Length,
    /// Limits of value, which are for numbers.
    Value,
}

/// How a database holds values of a type. In the templates, `{x}` stands for an expression of the type.
#[derive(Debug, PartialEq)]
pub(crate) struct Storage {
    /// The database's name for the type; empty where a column is declared without one.
    pub(super) name: &'static str,
    /// The collation of its columns.
    pub(super) collation: Option<&'static str>,
    /// Whether a list of these is an array of the database. All other lists are JSON: items of any type, lists in lists, and
    /// what the database would write into JSON in another way than Reprieve does.
    pub(super) in_arrays: bool,
    /// The value inside a JSON document. NULL becomes null.
    pub(crate) json: &'static str,
    /// The canonical text of the value, as [`crate::sql::key_text`] writes it.
    pub(crate) key_text: &'static str,
    /// The value, read from its canonical text. None: a cast does it.
    pub(crate) from_text: Option<&'static str>,
}

impl Description {
    pub(crate) fn storage(&'static self, dialect: Dialect) -> &'static Storage {
        match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        }
    }
}
