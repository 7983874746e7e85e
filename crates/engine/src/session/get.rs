//! Reading one row by its key: what programs do most. The statement is built once for each table.

use super::{Session, Verb};
use reprieve_core::driver::RowSink;
use reprieve_core::error::Result;
use reprieve_core::query::{Predicate, Select, Source, Statement, Visibility};
use reprieve_core::schema::Table;
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The statements that read one row, by table and visibility.
#[derive(Debug, Default)]
pub(crate) struct Gets(RwLock<HashMap<(u32, Visibility), Arc<Compiled>>>);

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
        // Only the linked schema knows the type of a key that is a reference itself; linked it is by now.
        let statement = verb.statement_of_get(table, visibility)?;
        let result = verb.read(&statement, std::slice::from_ref(&key), sink).await;
        verb.finish(result)
    }

    fn statement_of_get(&self, table: &Arc<Table>, visibility: Visibility) -> Result<Arc<Compiled>> {
        let gets = &self.database.inner.gets.0;
        let known = gets.read().unwrap_or_else(PoisonError::into_inner).get(&(table.id, visibility)).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let row = Source::new(0, table, visibility);
        // Any value but NULL has the same shape.
        let select = Select::rows(row.clone()).filter(Predicate::equals(row.key(), 0));
        let statement = self.compile(&Statement::Select(select), &mut Vec::new())?;
        gets.write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((table.id, visibility), statement.clone());
        Ok(statement)
    }
}
