//! Changing many rows, each to values of its own, by few statements.

use super::batch::{Item, OTHERS, columns_of, identity, in_row};
use super::update::check;
use super::{Change, Session, Verb};
use crate::audit::{self, Actor, Operation};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{
    Comparison, Expr, Given, Predicate, Select, Source, Statement, Update, UpdateEach,
};
use reprieve_core::schema::{ColumnType, Fill, Table};
use reprieve_core::value::{Timestamp, Value};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

impl Session {
    /// Changes the live rows with these keys, all or none: of each only the columns given, and those the engine fills
    /// at every update. Returns how many rows there were; a key without a live row is passed over. A key that is named
    /// twice takes what is said of it last.
    ///
    /// The number of statements depends on how many rows the database takes in one.
    ///
    /// # Errors
    /// As [`Session::update`], and when a change is one of the key; they name the row by its place in the list, counted
    /// from 0, except for a unique key that is taken, which is named by its value.
    pub async fn update_many(
        &mut self,
        table: &Arc<Table>,
        rows: Vec<(Value, Vec<Change>)>,
        actor: &Actor,
    ) -> Result<u64> {
        let now = self.database.inner.clock.now();
        let mut items = merged(table, rows)?;
        for item in &items {
            self.check_characters(table, &item.values).map_err(|error| in_row(item.index, error))?;
        }
        if items.is_empty() {
            return Ok(0);
        }
        let audited = columns_of(table, &items);
        let filled = fill(table, &mut items, &audited, now.into());
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        if moves(table, &audited) {
            verb.turn_lives();
        }
        let result = verb.update_items(table, &items, &filled, now, actor).await;
        let result = verb.leave(scope, result).await;
        verb.finish(result)
    }

    async fn update_items(
        &mut self,
        table: &Arc<Table>,
        items: &[Item],
        filled: &[Change],
        now: Timestamp,
        actor: &Actor,
    ) -> Result<u64> {
        self.check_parents(table, items).await?;
        let columns = columns_of(table, items);
        let everywhere = |column: &&usize| items.iter().all(|item| item.value(**column).is_some());
        let (always, sometimes): (Vec<usize>, Vec<usize>) = columns.iter().partition(everywhere);
        let width = 1 + always.len() + 2 * sometimes.len();
        let kinds = kinds(table, &always, &sometimes);
        let mut changed = 0;
        for items in items.chunks(self.rows_per_statement(width, OTHERS + 4 * width)) {
            let rows = items.iter().map(|item| row(item, &always, &sometimes)).collect();
            let (target, given) = (Source::live(0, table), Given { id: 1, rows, kinds: kinds.clone() });
            let changes = changes(&target, &given, &always, &sometimes);
            let filter = Predicate::Compare(target.key(), Comparison::Equal, given.value(0));
            if table.audit {
                let keys = items.iter().filter_map(|item| item.key.clone()).collect();
                self.locked(&target, &Predicate::In(target.key(), keys)).await?;
                let mut rows = Select::columns(target.clone(), Vec::new()).filter(filter.clone());
                rows.given = Some(given.clone());
                audit::record_each(self, Operation::Update, rows, changes.clone(), now, actor).await?;
            }
            let fill = filled.iter().map(|(column, value)| (*column, Expr::Bind(value.clone())));
            let set = changes.into_iter().chain(fill).collect();
            let update = Update { target, set, filter, returning: Vec::new() };
            match self.execute(Statement::UpdateEach(UpdateEach { given, update })).await {
                Ok(rows) => changed += rows,
                Err(error) => return Err(self.name_refused(table, items, error).await),
            }
        }
        Ok(changed)
    }
}

/// The rows to change, each once, in the order in which they are first named.
fn merged(table: &Table, rows: Vec<(Value, Vec<Change>)>) -> Result<Vec<Item>> {
    let mut items: Vec<Item> = Vec::with_capacity(rows.len());
    let mut places = HashMap::new();
    for (index, (key, values)) in rows.into_iter().enumerate() {
        check(table, &values).and_then(|()| refuse_key(table, &values)).map_err(|e| in_row(index, e))?;
        if values.is_empty() {
            continue;
        }
        match places.entry(identity(&key)) {
            Entry::Vacant(place) => {
                place.insert(items.len());
                items.push(Item { index, key: Some(key), values });
            }
            Entry::Occupied(place) => {
                let item = &mut items[*place.get()];
                item.values.retain(|(column, _)| values.iter().all(|(other, _)| other != column));
                item.values.extend(values);
            }
        }
    }
    Ok(items)
}

/// Gives the operation's instant to each row that leaves out a column which is filled at every update. Those that no
/// row gives are returned: they are the same for all.
fn fill(table: &Table, items: &mut [Item], given: &[usize], now: Value) -> Vec<Change> {
    let updated = (0..table.columns.len()).filter(|i| table.columns[*i].fill == Some(Fill::Updated));
    let (mixed, common): (Vec<usize>, Vec<usize>) = updated.partition(|column| given.contains(column));
    for item in items {
        for &column in &mixed {
            if item.value(column).is_none() {
                item.values.push((column, now.clone()));
            }
        }
    }
    common.into_iter().map(|column| (column, now.clone())).collect()
}

/// The key; the values that every row has; for each of the others, whether the row has it, and the value.
fn row(item: &Item, always: &[usize], sometimes: &[usize]) -> Vec<Value> {
    let key = item.key.clone().unwrap_or(Value::Null);
    let always = always.iter().map(|&column| item.value(column).cloned().unwrap_or(Value::Null));
    let sometimes = sometimes.iter().flat_map(|&column| {
        let value = item.value(column);
        [Value::Bool(value.is_some()), value.cloned().unwrap_or(Value::Null)]
    });
    std::iter::once(key).chain(always).chain(sometimes).collect()
}

/// The types of what [`row`] has.
fn kinds(table: &Table, always: &[usize], sometimes: &[usize]) -> Vec<ColumnType> {
    let kind = |column: &usize| table.columns[*column].kind().clone();
    let sometimes = sometimes.iter().flat_map(|column| [ColumnType::Boolean, kind(column)]);
    std::iter::once(table.key().kind().clone()).chain(always.iter().map(kind)).chain(sometimes).collect()
}

/// What each column becomes: the value of the row that belongs to it, or else itself.
fn changes(target: &Source, given: &Given, always: &[usize], sometimes: &[usize]) -> Vec<(usize, Expr)> {
    let plain = always.iter().enumerate().map(|(i, &column)| (column, given.value(1 + i)));
    let chosen = sometimes.iter().enumerate().map(|(i, &column)| {
        let at = 1 + always.len() + 2 * i;
        let has = Box::new(Predicate::equals(given.value(at), true));
        (column, Expr::If(has, Box::new(given.value(at + 1)), Box::new(target.column(column))))
    });
    plain.chain(chosen).collect()
}

/// Whether rows may belong to another row by these columns.
pub(super) fn moves(table: &Table, columns: &[usize]) -> bool {
    columns.iter().any(|column| table.columns[*column].references.is_some())
}

/// The key says which row it is: the journal and the audit log name rows by it.
pub(super) fn refuse_key(table: &Table, changes: &[Change]) -> Result<()> {
    if changes.iter().all(|(column, _)| *column != table.primary_key) {
        return Ok(());
    }
    let field = &table.key().name;
    let message = format!(
        "{}.{field} is the key of stored rows and cannot be changed: create a row with the other key instead",
        table.model
    );
    Err(Error::new(Kind::InvalidValue, message).model(&table.model).field(field))
}
