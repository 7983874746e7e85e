//! What can be asked of a [`ColumnType`]: the type's rules answer.

use super::ColumnType;
use super::list::dispatch;
use super::rules::{Description, Storage, TypeRules};
use crate::schema::Rules;
use crate::sql::Dialect;
use crate::value::{Cell, Value};
use std::borrow::Cow;

impl ColumnType {
    /// The type's name, for messages.
    pub fn name(&self) -> &'static str {
        self.description().name
    }

    /// Whether a (non-NULL) value is of this type, the label of an enum included.
    pub fn accepts(&self, value: &Value) -> bool {
        dispatch!(self, rules => rules.accepts(value))
    }

    /// A driver's cell as a value of this type: native, or in the storage form of a database without the type.
    /// `None`: the cell holds something else (a table written by another program).
    pub fn decode(&self, cell: Cell<'_>) -> Option<Value> {
        match cell {
            Cell::Null => Some(Value::Null),
            cell => dispatch!(self, rules => rules.decode(cell)),
        }
    }

    /// What is wrong with a value that the type does not accept.
    pub(crate) fn refusal(&self, value: &Value) -> String {
        dispatch!(self, rules => rules.refusal(value))
    }

    /// Checks a value that the type accepts against its parameters and the column's rules.
    pub(crate) fn check(&self, value: &Value, rules_of_column: &Rules) -> Result<(), String> {
        dispatch!(self, rules => rules.check(value, rules_of_column))
    }

    /// What is wrong with the type's own parameters, if anything is.
    pub(crate) fn contradiction(&self) -> Option<String> {
        dispatch!(self, rules => rules.contradiction())
    }

    /// How a database holds it.
    pub(crate) fn storage(&self, dialect: Dialect) -> &'static Storage {
        self.description().storage(dialect)
    }

    /// The database's name for the type, without parameters. On PostgreSQL, an enum has a type of its own, which belongs
    /// to a column.
    pub(crate) fn database_name(&self, dialect: Dialect) -> Cow<'static, str> {
        dispatch!(self, rules => rules.database_name(dialect))
    }

    /// The type as a column is declared with it: `numeric(12, 2)`, `text COLLATE "C"`.
    pub(crate) fn declared(&self, dialect: Dialect) -> String {
        let mut text = self.database_name(dialect).into_owned();
        text.push_str(&dispatch!(self, rules => rules.parameters(dialect)));
        if let Some(collation) = self.storage(dialect).collation {
            text.push_str(" COLLATE ");
            text.push_str(collation);
        }
        text
    }

    /// Adds the type to a statement's shape, as far as a cast to it says.
    pub(crate) fn shape(&self, bytes: &mut Vec<u8>) {
        dispatch!(self, rules => rules.shape(bytes));
    }

    /// What holds for every column of the type.
    pub(crate) fn description(&self) -> &'static Description {
        fn of<T: TypeRules>(_: &T) -> &'static Description {
            T::DESCRIPTION
        }
        dispatch!(self, rules => of(&rules))
    }
}
