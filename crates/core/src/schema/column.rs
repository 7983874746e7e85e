//! One column: its name, type, and what a value has to fulfil.

use super::{ColumnType, ForeignKey};
use crate::value::Value;
use std::sync::OnceLock;

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name, in the model and in the database.
    pub name: String,
    declared: ColumnType,
    resolved: OnceLock<ColumnType>,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// Whether it is the primary key.
    pub primary_key: bool,
    /// Whether values are unique (among live rows, when the table is soft-deletable).
    pub unique: bool,
    /// Whether the user asked for an index.
    pub index: bool,
    /// Internal to Reprieve: no attribute of the model, not in responses.
    pub hidden: bool,
    /// The row of another table that the value names.
    pub references: Option<ForeignKey>,
    /// Whether the engine fills it with the operation's instant.
    pub fill: Option<Fill>,
    /// The value SET DEFAULT writes, and the value of a column that an insert leaves out.
    pub default: Option<Value>,
    /// Limits on values.
    pub rules: Rules,
}

/// When the engine writes the operation's instant into a column that the caller did not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// On insert.
    Created,
    /// On insert and on every update.
    Updated,
}

/// Limits on a column's values. Lengths are in characters, both ends included.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Shortest text.
    pub min_length: Option<usize>,
    /// Longest text.
    pub max_length: Option<usize>,
    /// Smallest number.
    pub min_value: Option<f64>,
    /// Largest number.
    pub max_value: Option<f64>,
    /// Whether a double may be infinite. JSON has no such number: it is null on the wire.
    pub infinity: bool,
}

impl Column {
    /// A nullable column without any rule.
    pub fn new(name: impl Into<String>, kind: ColumnType) -> Self {
        Self {
            name: name.into(),
            declared: kind,
            resolved: OnceLock::new(),
            nullable: true,
            primary_key: false,
            unique: false,
            index: false,
            hidden: false,
            references: None,
            fill: None,
            default: None,
            rules: Rules::default(),
        }
    }

    /// The column's type. A foreign key takes the type of the key it points to, which is known once
    /// [`super::Schema::graph`] has seen both tables; before that it counts as an integer.
    pub fn kind(&self) -> &ColumnType {
        match self.declared {
            ColumnType::Key => self.resolved.get().unwrap_or(&ColumnType::Integer),
            _ => &self.declared,
        }
    }

    pub(super) fn resolve(&self, kind: &ColumnType) {
        if self.declared == ColumnType::Key {
            // A second link of the same tables finds the same type.
            let _ = self.resolved.set(kind.clone());
        }
    }

    /// Makes it the primary key.
    #[must_use]
    pub fn primary_key(mut self) -> Self {
        self.primary_key = true;
        self.nullable = false;
        self
    }

    /// Forbids NULL.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// Demands unique values.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Asks for an index.
    #[must_use]
    pub fn indexed(mut self) -> Self {
        self.index = true;
        self
    }

    /// Makes it internal to Reprieve.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.hidden = true;
        self
    }

    /// Makes it a foreign key.
    #[must_use]
    pub fn references(mut self, key: ForeignKey) -> Self {
        self.references = Some(key);
        self
    }

    /// Limits text to this many characters.
    #[must_use]
    pub fn max_length(mut self, characters: usize) -> Self {
        self.rules.max_length = Some(characters);
        self
    }

    /// Lets the engine fill it.
    #[must_use]
    pub fn fill(mut self, fill: Fill) -> Self {
        self.fill = Some(fill);
        self
    }
}
