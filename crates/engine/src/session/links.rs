//! Links between rows of a many-to-many relation.

use super::insert::complete;
use super::taken::named_in_errors;
use super::{Session, Verb};
use reprieve_core::driver::Discard;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Delete, Insert, Predicate, Rows, Select, Source, Statement};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use std::sync::Arc;

/// A pair of rows, named by their keys, in a table that links them.
#[derive(Debug, Clone)]
pub struct Link {
    /// The table of links.
    pub table: Arc<Table>,
    /// The column of one end, and the key of its row.
    pub near: (usize, Value),
    /// The other.
    pub far: (usize, Value),
}

impl Link {
    fn of(&self, row: &Source) -> Predicate {
        let same = |(column, key): &(usize, Value)| Predicate::equals(row.column(*column), key.clone());
        same(&self.near).and(same(&self.far))
    }
}

impl Session {
    /// Links two rows. Rows that are linked already stay so: nothing is written.
    ///
    /// # Errors
    /// When one of the rows is not there, or was deleted by a cascade; when the links are a model whose rows have a
    /// life of their own.
    pub async fn link(&mut self, link: &Link) -> Result<()> {
        plain(&link.table)?;
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        let result = verb.write_link(link).await;
        let result = verb.leave(scope, result).await;
        verb.finish(result)
    }

    /// Takes the link of two rows away, if there is one.
    ///
    /// # Errors
    /// When the database refuses; when the links are a model whose rows have a life of their own.
    pub async fn unlink(&mut self, link: &Link) -> Result<()> {
        plain(&link.table)?;
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        let target = Source::live(0, &link.table);
        let filter = link.of(&target);
        let result = verb.execute(Statement::Delete(Delete { target, filter })).await.map(drop);
        let result = verb.leave(scope, result).await;
        verb.finish(result)
    }

    async fn write_link(&mut self, link: &Link) -> Result<()> {
        let row = Source::live(0, &link.table);
        let there =
            Select::columns(row.clone(), vec![row.column(link.near.0)]).filter(link.of(&row)).limit(1);
        if !self.rows(there).await?.is_empty() {
            return Ok(());
        }
        let mut values = vec![link.near.clone(), link.far.clone()];
        let now = self.database.inner.clock.now();
        complete(&link.table, &mut values, now.into())?;
        self.guard(&link.table, &values).await?;
        let given = named_in_errors(&link.table, &values);
        let (columns, values) = values.into_iter().unzip();
        let table = link.table.clone();
        let insert = Insert { table, columns, rows: Rows::Values(vec![values]), returning: Vec::new() };
        let mut binds = Vec::new();
        let statement = self.compile(&Statement::Insert(insert), &mut binds)?;
        match self.run(&statement, &binds, &mut Discard).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.name_given(&link.table, &given, error).await),
        }
    }
}

/// Rows that can be deleted softly, or whose changes are noted, are not written and removed in passing.
fn plain(table: &Table) -> Result<()> {
    if table.marker.is_none() && !table.audit {
        return Ok(());
    }
    let message = format!(
        "{0} rows have a life of their own: create and delete the {0} that links the two, instead of adding to or \
         removing from a relation",
        table.model
    );
    Err(Error::new(Kind::InvalidValue, message).model(&table.model).field(&table.key().name))
}
