//! Why a unique index could not be made: rows share keys already.

use crate::session::{Session, Verb};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::Reach;
use reprieve_core::schema::{Index, Scope, Table};
use reprieve_core::sql::{Compiled, repeated_keys, rows_of_index};
use reprieve_core::value::Cell;
use std::sync::Arc;

impl Session {
    /// Says which rows are against which index, when that is why the indexes of these tables could not be made. The keys
    /// themselves are data, and stay where they are.
    pub(super) async fn name_repeated(&mut self, tables: &[Arc<Table>], error: Error) -> Error {
        if error.kind() != Kind::UniqueViolation {
            return error;
        }
        let named = error.context().model.clone();
        let is_named = |table: &Table| named.as_ref().is_none_or(|model| *model == table.model);
        for table in tables.iter().filter(|table| is_named(table)) {
            for index in table.indexes.iter().filter(|index| index.unique) {
                // Of a table that is not there, nothing can be asked.
                if let Ok((keys @ 1.., rows)) = self.repeated(table, index).await {
                    return refused(table, index, keys, rows);
                }
            }
        }
        let message = "a unique index could not be made: rows share a key already, or another program adds such rows now";
        Error::new(Kind::ConstraintViolation, message).because(error)
    }

    /// How many keys are there more than once, and in how many rows.
    async fn repeated(&mut self, table: &Table, index: &Index) -> Result<(i64, i64)> {
        let query = Compiled::once(repeated_keys(table, index)?, Reach::Set);
        let mut counts = Counts::default();
        let mut verb = Verb::start(self)?;
        let result = verb.read(&query, &[], &mut counts).await;
        verb.finish(result)?;
        let [keys, rows] = counts.0;
        Ok((keys, rows))
    }
}

fn refused(table: &Table, index: &Index, keys: i64, rows: i64) -> Error {
    let names: Vec<&str> = index.columns.iter().map(|c| table.columns[*c].name.as_str()).collect();
    let columns = names.join(", ");
    let live = if index.scope == Scope::Live { "live " } else { "" };
    let only_live = rows_of_index(table, index.scope);
    let keys = if keys == 1 { "1 key is".to_owned() } else { format!("{keys} keys are") };
    let message = format!(
        "{} cannot be unique by {columns}: {keys} there more than once, in {rows} {live}rows of the table '{}'. Find them with \
         SELECT {columns}, count(*) FROM {}{only_live} GROUP BY {columns} HAVING count(*) > 1, leave one row of each, and \
         try again",
        table.model, table.name, table.name
    );
    Error::new(Kind::ConstraintViolation, message).model(&table.model).fields(names)
}

/// Two numbers of one row.
#[derive(Default)]
struct Counts([i64; 2]);

impl RowSink for Counts {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        for (position, count) in self.0.iter_mut().enumerate() {
            if let Cell::Int(number) = row.cell(position)? {
                *count = number;
            }
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.0 = [0; 2];
    }
}
