//! What a statement is written into: the text, its binds, and the table references in scope.
//!
//! Each concept adds its part in its own file, as methods of [`Writer`]. A bind is pushed when its placeholder is
//! written, so that the two have the same order; [`crate::query`]'s shape walk pushes them in that order too.

use super::{Dialect, identifier};
use crate::error::{Error, Kind, Result};
use crate::query::{Given, Source};
use crate::schema::Table;
use crate::value::Value;

/// A statement on its way to text.
pub(super) struct Writer<'a> {
    pub(super) dialect: Dialect,
    pub(super) text: String,
    pub(super) binds: Vec<Value>,
    /// How many table references were written.
    pub(super) sources: usize,
    /// Whether references have aliases: needed as soon as there are two.
    qualified: bool,
    /// The references a column can speak of here, the innermost last.
    scopes: Vec<&'a Source>,
    /// The rows of values an expression can speak of here, the innermost last.
    given: Vec<&'a Given>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(dialect: Dialect, qualified: bool) -> Self {
        let text = String::with_capacity(256);
        Self {
            dialect,
            text,
            binds: Vec::new(),
            sources: 0,
            qualified,
            scopes: Vec::new(),
            given: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn name(&mut self, name: &str) {
        identifier::quote(&mut self.text, name);
    }

    /// A placeholder and its value.
    pub(super) fn bind(&mut self, value: Value) {
        self.binds.push(value);
        match self.dialect {
            Dialect::Sqlite => self.text.push('?'),
            Dialect::Postgres => {
                self.text.push('$');
                self.push(&self.binds.len().to_string());
            }
        }
    }

    /// `items`, separated.
    pub(super) fn list<T>(
        &mut self,
        separator: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<()>,
    ) -> Result<()> {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.push(separator);
            }
            write(self, item)?;
        }
        Ok(())
    }

    /// Writes with a table reference in scope.
    pub(super) fn within(
        &mut self,
        source: &'a Source,
        write: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.count(source.id)?;
        self.scopes.push(source);
        let done = write(self);
        self.scopes.pop();
        done
    }

    /// Writes with rows of values in scope, when there are any.
    pub(super) fn within_given(
        &mut self,
        given: Option<&'a Given>,
        write: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let Some(given) = given else { return write(self) };
        self.count(given.id)?;
        self.given.push(given);
        let done = write(self);
        self.given.pop();
        done
    }

    /// Those rows of values, when they are in scope.
    pub(super) fn given_rows(&self, id: u8) -> Option<&'a Given> {
        self.given.iter().rev().copied().find(|given| given.id == id)
    }

    /// Counts a reference whose number nothing around it has.
    fn count(&mut self, id: u8) -> Result<()> {
        let taken = self.scopes.iter().map(|s| s.id).chain(self.given.iter().map(|g| g.id));
        if taken.into_iter().any(|other| other == id) {
            return Err(internal(format!("two table references of a statement have the number {id}")));
        }
        self.sources += 1;
        Ok(())
    }

    /// `"posts"`, or `"posts" AS t0` when there are several.
    pub(super) fn table(&mut self, source: &Source) {
        self.name(&source.table.name);
        if self.qualified {
            self.push(" AS ");
            self.reference(source);
        }
    }

    /// `"posts"`, or `t0` when there are several: the name by which the rest of the statement speaks of it.
    pub(super) fn reference(&mut self, source: &Source) {
        match self.qualified {
            true => self.push(&format!("t{}", source.id)),
            false => self.name(&source.table.name),
        }
    }

    /// `"id"`, or `t0."id"` when there are several sources.
    pub(super) fn column(&mut self, source: u8, position: usize) -> Result<()> {
        let table = self.source(source)?.table.as_ref();
        let name = column_name(table, position)?;
        if self.qualified {
            self.push("t");
            self.push(&source.to_string());
            self.push(".");
        }
        identifier::quote(&mut self.text, name);
        Ok(())
    }

    /// The reference of that number, looked for from the innermost outwards.
    pub(super) fn source(&self, id: u8) -> Result<&'a Source> {
        self.scopes.iter().rev().copied().find(|s| s.id == id).ok_or_else(|| {
            internal(format!("a column names the table reference {id}, which is not in scope there"))
        })
    }

    /// How far in the reference of that number is; none that is not in scope.
    pub(super) fn depth(&self, id: u8) -> Option<usize> {
        self.scopes.iter().rposition(|s| s.id == id)
    }

    /// The names of columns at these positions, without a reference: where SQL allows none.
    pub(super) fn bare_columns(&mut self, table: &Table, positions: &[usize]) -> Result<()> {
        self.list(", ", positions, |w, &position| {
            w.name(column_name(table, position)?);
            Ok(())
        })
    }

    /// ` RETURNING "id"`, when anything is.
    pub(super) fn returning(&mut self, table: &Table, positions: &[usize]) -> Result<()> {
        if positions.is_empty() {
            return Ok(());
        }
        self.push(" RETURNING ");
        self.bare_columns(table, positions)
    }

    /// The same of a reference that the statement changes. PostgreSQL hands back columns of what stands beside it too,
    /// so that a bare name could mean two.
    pub(super) fn returning_of(&mut self, target: &Source, positions: &[usize]) -> Result<()> {
        match self.dialect {
            Dialect::Postgres if !positions.is_empty() => {
                self.push(" RETURNING ");
                self.list(", ", positions, |w, &position| w.column(target.id, position))
            }
            Dialect::Sqlite | Dialect::Postgres => self.returning(&target.table, positions),
        }
    }
}

pub(super) fn column_name(table: &Table, position: usize) -> Result<&str> {
    let column = table.columns.get(position);
    column.map(|c| c.name.as_str()).ok_or_else(|| {
        internal(format!("a statement names column {position} of '{}', which has fewer", table.name))
    })
}

/// A statement that the engine should not have built.
pub(super) fn internal(what: String) -> Error {
    Error::new(Kind::Internal, format!("{what}. This is a fault of Reprieve: please report it"))
}
