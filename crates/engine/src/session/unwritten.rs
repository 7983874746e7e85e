//! Why a row that its caller has read was not written: it is in the other state by now, or gone.
//!
//! A write says which state it saw: the source it names its row by is that of live rows or of deleted ones, and the compiler
//! adds the marker. Only a write that found no row is asked why.

use super::insert::display;
use super::{Session, Verb};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Predicate, Select, Source, Visibility};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use std::sync::Arc;

impl Session {
    /// Checks the row that a caller would have written, and did not because nothing on it differs: an update says so when
    /// the row is in the other state by now, or gone.
    ///
    /// # Errors
    /// As [`Session::update`].
    pub async fn check_seen(&mut self, table: &Arc<Table>, key: &Value, seen: Visibility) -> Result<()> {
        let row = Source::new(0, table, seen);
        let this = Predicate::equals(row.key(), key.clone());
        let mut verb = Verb::start(self)?;
        let found = verb.rows(Select::columns(row.clone(), vec![row.key()]).filter(this)).await;
        let result = match found {
            Ok(found) if found.is_empty() => verb.unwritten(&row, key).await.and_then(Err),
            found => found.map(drop),
        };
        verb.finish(result)
    }

    /// The error for a write that found no row of this source by its key.
    pub(crate) async fn unwritten(&mut self, row: &Source, key: &Value) -> Result<Error> {
        let any = Source::any(0, &row.table);
        let this = Predicate::equals(any.key(), key.clone());
        let found = self.rows(Select::columns(any.clone(), vec![any.key()]).filter(this)).await?;
        Ok(if found.is_empty() { gone(&row.table, key) } else { in_the_other_state(row, key) })
    }
}

fn gone(table: &Table, key: &Value) -> Error {
    let key = display(key);
    let message = format!("{} not found with {}={key}", table.model, table.key().name);
    Error::new(Kind::NotFound, message).model(&table.model).field(&table.key().name).value(key)
}

fn in_the_other_state(row: &Source, key: &Value) -> Error {
    let (model, field, key) = (&row.table.model, &row.table.key().name, display(key));
    let message = match row.visibility {
        Visibility::Deleted => format!(
            "{model} with {field}={key} was restored after it was read from the trash, and nothing was written: read it \
             again"
        ),
        _ => format!(
            "{model} with {field}={key} was deleted after it was read, and nothing was written: restore it first, or \
             roll back and read it again"
        ),
    };
    Error::new(Kind::Deleted, message).model(model).field(field).value(key)
}
