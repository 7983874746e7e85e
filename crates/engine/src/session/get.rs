//! Reading one row by its key: what programs do most. The statement is built once for each table.

use super::{Session, Verb};
use reprieve_core::driver::RowSink;
use reprieve_core::error::Result;
use reprieve_core::query::{Predicate, Reach, Select, Source, Statement, Visibility};
use reprieve_core::schema::Table;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// The statements that read one row, by the table's number, which is small, and the visibility.
#[derive(Debug, Default)]
pub(crate) struct Gets(RwLock<Vec<[Option<Arc<Compiled>>; 3]>>);

impl Gets {
    fn known(&self, table: &Table, visibility: Visibility) -> Option<Arc<Compiled>> {
        let gets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        gets.get(table.id as usize)?[visibility as usize].clone()
    }

    fn keep(&self, table: &Table, visibility: Visibility, statement: &Arc<Compiled>) {
        let mut gets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let number = table.id as usize;
        if gets.len() <= number {
            gets.resize_with(number + 1, Default::default);
        }
        gets[number][visibility as usize] = Some(statement.clone());
    }
}

impl Session {
    /// Reads the row with this key, if it is visible; its visible columns go to the sink.
    ///
    /// # Errors
    /// When the database refuses, or the sink does.
    pub async fn get(
        &mut self,
        table: &Arc<Table>,
        key: Value,
        visibility: Visibility,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let mut verb = Verb::start(self)?;
        let result = verb.get_by_key(table, &key, visibility, sink).await;
        verb.finish(result)
    }

    async fn get_by_key(
        &mut self,
        table: &Arc<Table>,
        key: &Value,
        visibility: Visibility,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        self.check_key(table, key)?;
        // Only the linked schema knows the type of a key that is a reference itself; linked it is by now.
        let statement = self.statement_of_get(table, visibility)?;
        self.read_that_reaches(Reach::Row, &statement, std::slice::from_ref(key), sink).await
    }

    fn statement_of_get(&self, table: &Arc<Table>, visibility: Visibility) -> Result<Arc<Compiled>> {
        let gets = &self.database.inner.gets;
        if let Some(statement) = gets.known(table, visibility) {
            return Ok(statement);
        }
        let row = Source::new(0, table, visibility);
        // Any value but NULL has the same shape.
        let select = Select::rows(row.clone()).filter(Predicate::equals(row.key(), 0));
        let statement = self.compile(&Statement::Select(select), &mut Vec::new())?;
        gets.keep(table, visibility, &statement);
        Ok(statement)
    }
}
