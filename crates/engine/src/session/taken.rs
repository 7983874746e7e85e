//! Which of several rows holds the unique key that another row holds already. The database names the columns only.

use super::Session;
use super::batch::{Item, identity};
use reprieve_core::error::Error;
use reprieve_core::query::{Predicate, Select, Source};
use reprieve_core::schema::{Scope, Table};
use reprieve_core::sql::key_text;
use reprieve_core::value::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

impl Session {
    /// Names the value that a refused write of these rows would have had twice: the first of them that collides with
    /// a row of the table, or with a row before it.
    pub(super) async fn name_taken(&mut self, table: &Arc<Table>, items: &[Item], error: Error) -> Error {
        let Some(columns) = columns_named(table, &error) else { return error };
        let Ok(holders) = self.holders(table, &columns, items).await else { return error };
        let mut seen = HashSet::new();
        let first = items.iter().find_map(|item| {
            let values = values_of(item, &columns)?;
            let key = identities(&values);
            let held = holders
                .get(&key)
                .is_some_and(|holder| item.key.as_ref().map(identity).as_ref() != Some(holder));
            (held || !seen.insert(key)).then_some(values)
        });
        match first.or_else(|| items.iter().find_map(|item| values_of(item, &columns))) {
            Some(values) => with_values(error, values.into_iter().cloned().collect()),
            None => error,
        }
    }

    /// Names what a refused write was given for a unique key that is taken, and the foreign key that it points nowhere
    /// with. `given` are those of its values that [`named_in_errors`] keeps.
    pub(super) async fn name_given(
        &mut self,
        table: &Table,
        given: &[(usize, Value)],
        error: Error,
    ) -> Error {
        let Some(columns) = columns_named(table, &error) else {
            return self.name_foreign_key(table, given, error).await;
        };
        let value = |column: &usize| given.iter().find(|(c, _)| c == column).map(|(_, value)| value.clone());
        match columns.iter().map(value).collect() {
            Some(values) => with_values(error, values),
            None => error,
        }
    }

    /// The rows of the table that hold a unique key of these rows: the keys of those by that.
    async fn holders(
        &mut self,
        table: &Arc<Table>,
        columns: &[usize],
        items: &[Item],
    ) -> reprieve_core::Result<HashMap<String, String>> {
        let live = table.indexes.iter().any(|i| i.unique && i.columns == columns && i.scope == Scope::Live);
        let row = if live { Source::live(0, table) } else { Source::any(0, table) };
        let wanted: Vec<Vec<&Value>> = items.iter().filter_map(|item| values_of(item, columns)).collect();
        let mut found = HashMap::new();
        for part in wanted.chunks(self.rows_per_statement(columns.len(), 0)) {
            let read = std::iter::once(row.key()).chain(columns.iter().map(|&c| row.column(c))).collect();
            let select = columns.iter().enumerate().fold(
                Select::columns(row.clone(), read),
                |select, (i, &column)| {
                    let values = part.iter().map(|values| values[i].clone()).collect();
                    select.filter(Predicate::In(row.column(column), values))
                },
            );
            for holder in self.rows(select).await? {
                found.insert(identities(&holder[1..].iter().collect::<Vec<_>>()), identity(&holder[0]));
            }
        }
        Ok(found)
    }
}

/// The values that an error may have to name: keys, unique ones and foreign ones.
pub(super) fn named_in_errors(table: &Table, values: &[(usize, Value)]) -> Vec<(usize, Value)> {
    let is_unique = |c: usize| table.indexes.iter().any(|index| index.unique && index.columns.contains(&c));
    let is_named = |c: usize| c == table.primary_key || table.columns[c].references.is_some() || is_unique(c);
    values.iter().filter(|(column, _)| is_named(*column)).cloned().collect()
}

fn with_values(error: Error, values: Vec<Value>) -> Error {
    let shown = shown(&values.iter().collect::<Vec<_>>());
    error.value(shown).values(values)
}

/// The columns of a unique key that the database named.
fn columns_named(table: &Table, error: &Error) -> Option<Vec<usize>> {
    if !error.is_unique_violation() {
        return None;
    }
    let fields = &error.context().fields;
    if fields.is_empty() { None } else { fields.iter().map(|name| table.position(name)).collect() }
}

/// The row's values in these columns; none when one is NULL, which is no key, or is not among them.
fn values_of<'a>(item: &'a Item, columns: &[usize]) -> Option<Vec<&'a Value>> {
    columns.iter().map(|&column| item.value(column).filter(|value| !value.is_null())).collect()
}

fn identities(values: &[&Value]) -> String {
    values.iter().map(|value| identity(value)).collect::<Vec<_>>().join(", ")
}

fn shown(values: &[&Value]) -> String {
    values.iter().filter_map(|value| key_text(value)).collect::<Vec<_>>().join(", ")
}
