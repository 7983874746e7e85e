//! Indexes of tables that are in use.

use super::{Order, with_keeping};
use crate::database::Database;
use crate::session::{Session, Verb};
use reprieve_core::driver::Discard;
use reprieve_core::error::Result;
use reprieve_core::query::Reach;
use reprieve_core::schema::{Index, Table};
use reprieve_core::sql::{Compiled, broken_index, create_index, create_index_concurrently};
use std::sync::Arc;

impl Database {
    /// Creates the indexes that are not there yet, one after the other, on tables that are: of all of the schema, or those
    /// named. Where the database can do so, others go on writing to the table meanwhile; what an earlier build that was
    /// broken off has left is built anew.
    ///
    /// # Errors
    /// When the database refuses, a unique index of values that are there twice for one. Indexes made before that stay.
    pub async fn create_indexes(&self, only: Option<&[String]>) -> Result<()> {
        let mut session = self.session()?;
        let tables = with_keeping(&session.selected(only), only, Order::First)?;
        match session.make_indexes(&tables).await {
            Ok(()) => Ok(()),
            Err(error) => Err(session.name_repeated(&tables, error).await),
        }
    }
}

impl Session {
    async fn make_indexes(&mut self, tables: &[Arc<Table>]) -> Result<()> {
        let driver = &self.database.inner.driver;
        if driver.capability().concurrent_indexes {
            // Not over an iterator with a closure: held while this waits, it would keep the future on its thread.
            for table in tables {
                for index in &table.indexes {
                    self.build_beside_writers(table, index).await?;
                }
            }
            return Ok(());
        }
        let dialect = driver.dialect();
        let texts: Vec<String> = tables
            .iter()
            .flat_map(|table| table.indexes.iter().map(move |index| create_index(table, index, dialect)))
            .collect::<Result<_>>()?;
        self.script(texts).await
    }

    /// Outside of a transaction, where alone it can be done.
    async fn build_beside_writers(&mut self, table: &Table, index: &Index) -> Result<()> {
        let build = create_index_concurrently(table, index, self.database.inner.driver.dialect())?;
        let mut verb = Verb::start(self)?;
        let result = verb.drop_broken(index).await;
        let result = match result {
            Ok(()) => verb.alone(build).await,
            error => error,
        };
        if result.is_err() {
            // The first error says more than one of tidying up.
            let _ = verb.drop_broken(index).await;
        }
        verb.finish(result)
    }

    async fn drop_broken(&mut self, index: &Index) -> Result<()> {
        let Some((find, drop)) = broken_index(index, self.database.inner.driver.dialect()) else {
            return Ok(());
        };
        if self.count_rows(find).await? > 0 { self.alone(drop).await } else { Ok(()) }
    }

    async fn count_rows(&mut self, query: String) -> Result<usize> {
        let mut found = Rows::default();
        self.read(&Compiled::once(query, Reach::Row), &[], &mut found).await?;
        Ok(found.0)
    }

    async fn alone(&mut self, sql: String) -> Result<()> {
        self.read(&Compiled::once(sql, Reach::Set), &[], &mut Discard).await
    }
}

/// Counts rows.
#[derive(Default)]
struct Rows(usize);

impl reprieve_core::driver::RowSink for Rows {
    fn row(&mut self, _: &dyn reprieve_core::driver::Row) -> Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn restart(&mut self) {
        self.0 = 0;
    }
}
