//! A session with short verbs, so that a behaviour reads as its rule.

use crate::content::{Content, all, content, rows};
use crate::world::table;
use reprieve_core::driver::Discard;
use reprieve_core::error::Result;
use reprieve_core::query::{Order, Select, Source, Visibility};
use reprieve_core::schema::Table;
use reprieve_core::value::Value;
use reprieve_engine::Session;
use reprieve_engine::audit::Actor;
use reprieve_engine::deletion::{Delete, Deletion, Restoration, Restore, Roots};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A session with short verbs. Tables are named, keys are integers unless a verb of [`Session`] is used.
#[derive(Debug)]
pub struct Work(Session);

/// `Delete` for a cascade.
pub fn cascading() -> Delete {
    Delete { cascade: true, ..Delete::default() }
}

impl Work {
    pub(crate) fn new(session: Session) -> Self {
        Self(session)
    }

    /// A table of the suite, the journal or the audit log.
    pub fn table(&self, name: &str) -> Arc<Table> {
        table(self.0.database(), name)
    }

    /// Inserts a row.
    pub async fn try_add(&mut self, table: &str, values: Vec<(&str, Value)>) -> Result<()> {
        let table = self.table(table);
        let values = at(&table, values);
        self.0.insert(&table, values, &Actor::default(), &mut Discard).await
    }

    /// Inserts a row that fits.
    pub async fn add(&mut self, table: &str, values: Vec<(&str, Value)>) {
        self.try_add(table, values).await.unwrap();
    }

    /// Changes a live row.
    pub async fn change(&mut self, table: &str, key: i64, values: Vec<(&str, Value)>) -> Result<()> {
        self.change_seen(table, key, Visibility::Live, values).await
    }

    /// Changes a row that was seen in this state.
    pub async fn change_seen(
        &mut self,
        table: &str,
        key: i64,
        seen: Visibility,
        values: Vec<(&str, Value)>,
    ) -> Result<()> {
        let table = self.table(table);
        let changes = at(&table, values);
        self.0.update(&table, &key.into(), seen, changes, &Actor::default()).await.map(drop)
    }

    /// Removes a row that was seen in the trash.
    pub async fn purge(&mut self, table: &str, key: i64) -> Result<()> {
        let table = self.table(table);
        self.0.purge(&table, &key.into(), &Actor::default()).await
    }

    /// Deletes a row softly.
    pub async fn try_delete(&mut self, table: &str, key: i64, options: Delete) -> Result<Deletion> {
        let table = self.table(table);
        self.0.soft_delete(&table, Roots::Key(key.into()), options, &Actor::default()).await
    }

    /// Deletes a row alone.
    pub async fn delete(&mut self, table: &str, key: i64) -> Deletion {
        self.try_delete(table, key, Delete::default()).await.unwrap()
    }

    /// Deletes a row and what its relations take along.
    pub async fn cascade(&mut self, table: &str, key: i64) -> Deletion {
        self.try_delete(table, key, cascading()).await.unwrap()
    }

    /// Restores a row.
    pub async fn try_restore(&mut self, table: &str, key: i64, options: Restore) -> Result<Restoration> {
        let table = self.table(table);
        self.0.restore(&table, Roots::Key(key.into()), options, &Actor::default()).await
    }

    /// Restores a row alone.
    pub async fn restore_alone(&mut self, table: &str, key: i64) -> Restoration {
        self.try_restore(table, key, Restore::default()).await.unwrap()
    }

    /// Undoes a deletion.
    pub async fn back(&mut self, deletion: &Deletion) -> Restoration {
        self.0.undo(deletion.id, &Actor::default()).await.unwrap()
    }

    /// Removes a row physically.
    pub async fn gone(&mut self, table: &str, key: i64) -> Result<bool> {
        let table = self.table(table);
        self.0.remove(&table, &key.into(), &Actor::default()).await
    }

    /// Does this and commits.
    pub async fn committing(mut self, what: impl AsyncFnOnce(&mut Self)) {
        what(&mut self).await;
        self.save().await;
    }

    /// Commits.
    pub async fn save(&mut self) {
        self.0.commit().await.unwrap();
    }

    /// The keys of the live rows.
    pub async fn live(&mut self, table: &str) -> Vec<i64> {
        self.keys(table, Visibility::Live).await
    }

    /// The keys of the deleted rows.
    pub async fn deleted(&mut self, table: &str) -> Vec<i64> {
        self.keys(table, Visibility::Deleted).await
    }

    async fn keys(&mut self, table: &str, visibility: Visibility) -> Vec<i64> {
        let source = Source::new(0, &self.table(table), visibility);
        let key = source.key();
        let select = Select::columns(source, vec![key.clone()]).order_by(Order::ascending(key));
        let int = |row: Vec<Value>| match row[..] {
            [Value::Int(key)] => key,
            _ => panic!("not an integer key: {row:?}"),
        };
        rows(&mut self.0, select).await.unwrap().into_iter().map(int).collect()
    }

    /// One column of all rows, by key.
    pub async fn column(&mut self, table: &str, column: &str) -> Vec<Value> {
        let table = self.table(table);
        let position = table.position(column).unwrap_or_else(|| panic!("no column '{column}'"));
        let rows = rows(&mut self.0, all(&table)).await.unwrap();
        rows.into_iter().map(|mut row| row.swap_remove(position)).collect()
    }

    /// The rows of the audit log after so many.
    pub async fn logged_since(&mut self, rows: usize) -> Vec<Vec<Value>> {
        let log = self.table("audit_logs");
        crate::content::rows(&mut self.0, all(&log)).await.unwrap().split_off(rows)
    }

    /// Everything that the session sees.
    pub async fn content(&mut self) -> Content {
        content(&mut self.0).await.unwrap()
    }
}

/// Names as positions.
fn at(table: &Table, values: Vec<(&str, Value)>) -> Vec<(usize, Value)> {
    let position = |name: &str| table.position(name).unwrap_or_else(|| panic!("no column '{name}'"));
    values.into_iter().map(|(name, value)| (position(name), value)).collect()
}

impl Deref for Work {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}
