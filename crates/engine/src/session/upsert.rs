//! Upserts: find a row by exact values, or else write one, as one step.
//!
//! The row is looked for again where nobody else can write: in the transaction, which has the writer's turn. On a
//! database that lets several write at once, a row that another transaction adds at the same moment shows as a unique
//! violation, is waited for, and found then.

use super::insert::{display, key_position};
use super::scope::Scope;
use super::{Change, Session, Verb};
use crate::audit::Actor;
use crate::deletion::{Restore, Roots};
use reprieve_core::driver::{Discard, Row, RowSink};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Order, Predicate, Select, Source, Visibility};
use reprieve_core::schema::{OverDeleted, Table};
use reprieve_core::sql::{key_text, lock_number};
use reprieve_core::value::{Cell, Value};
use std::sync::Arc;

/// What an upsert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The row was there.
    Found,
    /// The row was there, and was changed.
    Updated,
    /// The row was deleted, and was restored; and changed, when that was asked for.
    Revived,
    /// A new row.
    Created,
}

/// What values are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Those of a new row, the ones it is looked for by included.
    Create,
    /// Those that the row found is to take.
    Update,
}

/// Makes values when it is known what is written: a default may be a function.
pub type Values<'a> = dyn FnMut(Writing) -> Result<Vec<Change>> + Send + 'a;

impl Session {
    /// The live row that has these values, the first by key when there are several; or else a new one. What becomes of
    /// a deleted row that has them is its table's policy, see [`OverDeleted`]. The row's visible columns go to the
    /// sink.
    ///
    /// # Errors
    /// As [`Session::insert`]; [`Kind::Deleted`] when a deleted row stands in the way; as [`Session::restore`] when it
    /// is to be revived. Nothing is written then.
    pub async fn get_or_create(
        &mut self,
        table: &Arc<Table>,
        wanted: &[Change],
        values: &mut Values<'_>,
        actor: &Actor,
        sink: &mut dyn RowSink,
    ) -> Result<Outcome> {
        let mut verb = Verb::start(self)?;
        // Most calls find the row: a read takes nobody's turn.
        match verb.find(table, wanted, 1, sink).await {
            Ok(found) if found.is_empty() => {}
            found => return verb.finish(found.map(|_| Outcome::Found)),
        }
        let scope = verb.enter().await?;
        let found = match verb.take_turn(table, wanted).await {
            Ok(()) => verb.find(table, wanted, 1, sink).await,
            Err(error) => Err(error),
        };
        let result = match found {
            Ok(found) if found.is_empty() => {
                let mut upsert = Upsert { table, wanted, values, actor, update: false };
                upsert.write(&mut verb, sink).await
            }
            found => found.map(|_| Outcome::Found),
        };
        let result = verb.end_upsert(scope, result).await;
        verb.finish(result)
    }

    /// The live row that has these values, changed; or else a new one, as [`Session::get_or_create`]. The visible
    /// columns of the row go to the sink: as they were, and then as they are.
    ///
    /// # Errors
    /// As [`Session::update`] and [`Session::get_or_create`]; when several live rows have the values.
    pub async fn update_or_create(
        &mut self,
        table: &Arc<Table>,
        wanted: &[Change],
        values: &mut Values<'_>,
        actor: &Actor,
        sink: &mut dyn RowSink,
    ) -> Result<Outcome> {
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        let found = match verb.take_turn(table, wanted).await {
            Ok(()) => verb.find(table, wanted, 2, sink).await,
            Err(error) => Err(error),
        };
        let mut upsert = Upsert { table, wanted, values, actor, update: true };
        let result = match found {
            Ok(found) if found.is_empty() => upsert.write(&mut verb, sink).await,
            Ok(found) => upsert.change(&mut verb, &found, sink).await,
            Err(error) => Err(error),
        };
        let result = verb.end_upsert(scope, result).await;
        verb.finish(result)
    }

    /// Where several write at a time, those who look for the same values take turns until their transactions end, for
    /// there may be no row yet to lock, and no unique key to keep two from being made.
    async fn take_turn(&mut self, table: &Table, wanted: &[Change]) -> Result<()> {
        let Some(lock) = lock_number(self.database.inner.driver.dialect()) else { return Ok(()) };
        self.run(lock, &[Value::Int(number_of(table, wanted))], &mut Discard).await.map(drop)
    }

    /// The keys of the live rows that have these values; the first of them goes to the sink.
    async fn find(
        &mut self,
        table: &Arc<Table>,
        wanted: &[Change],
        most: u64,
        sink: &mut dyn RowSink,
    ) -> Result<Vec<Value>> {
        let row = Source::live(0, table);
        let select = Select::rows(row.clone()).filter(same(&row, wanted));
        let mut found = First { position: key_position(table), inner: sink, keys: Vec::new() };
        self.select(select.order_by(Order::ascending(row.key())).limit(most), &mut found).await?;
        Ok(found.keys)
    }

    async fn end_upsert(&mut self, scope: Scope, result: Result<Outcome>) -> Result<Outcome> {
        if let (Scope::Transaction, Ok(Outcome::Found)) = (&scope, &result) {
            // Nothing was written: do not keep the writer's turn for nothing.
            self.rollback().await?;
            return result;
        }
        self.leave(scope, result).await
    }
}

/// The same number for the same values, in every process: FNV-1a, which is written down once and for all. Others may
/// have the number too, and wait for nothing then.
fn number_of(table: &Table, wanted: &[Change]) -> i64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        // The byte between two parts is in no text.
        for byte in bytes.iter().chain([&0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    add(table.name.as_bytes());
    for (column, value) in wanted {
        add(table.columns[*column].name.as_bytes());
        add(key_text(value).unwrap_or_default().as_bytes());
    }
    hash as i64
}

/// The row has these values.
fn same(row: &Source, wanted: &[Change]) -> Predicate {
    let equals = |(column, value): &Change| Predicate::equals(row.column(*column), value.clone());
    wanted.iter().fold(Predicate::True, |all, value| all.and(equals(value)))
}

struct Upsert<'a, 'v> {
    table: &'a Arc<Table>,
    wanted: &'a [Change],
    values: &'a mut Values<'v>,
    actor: &'a Actor,
    /// Whether a row that is there is changed.
    update: bool,
}

impl Upsert<'_, '_> {
    /// No live row has the values.
    async fn write(&mut self, session: &mut Session, sink: &mut dyn RowSink) -> Result<Outcome> {
        match self.deleted(session).await? {
            Some(key) if self.table.over_deleted == OverDeleted::Revive => {
                self.revive(session, key, sink).await
            }
            Some(_) => Err(self.is_deleted()),
            None => self.create(session, sink).await,
        }
    }

    /// The key of the deleted row that the policy is asked about, the one deleted last.
    async fn deleted(&mut self, session: &mut Session) -> Result<Option<Value>> {
        let Some(marker) = self.table.marker else { return Ok(None) };
        let by_key = self.wanted.iter().any(|(column, _)| *column == self.table.primary_key);
        // A key is not given away twice.
        if self.table.over_deleted == OverDeleted::New && !by_key {
            return Ok(None);
        }
        let row = Source::new(0, self.table, Visibility::Deleted);
        let select = Select::columns(row.clone(), vec![row.key()])
            .filter(same(&row, self.wanted))
            .order_by(Order::descending(marker.instant(&row)))
            .order_by(Order::descending(row.key()))
            .limit(1);
        Ok(session.rows(select).await?.pop().and_then(|mut row| row.pop()))
    }

    async fn revive(&mut self, session: &mut Session, key: Value, sink: &mut dyn RowSink) -> Result<Outcome> {
        session.restore(self.table, Roots::Key(key.clone()), Restore::default(), self.actor).await?;
        if self.update {
            let changes = (self.values)(Writing::Update)?;
            session.update(self.table, &key, Visibility::Live, changes, self.actor).await?;
        }
        session.get(self.table, key, Visibility::Live, sink).await?;
        Ok(Outcome::Revived)
    }

    async fn create(&mut self, session: &mut Session, sink: &mut dyn RowSink) -> Result<Outcome> {
        let row = (self.values)(Writing::Create)?;
        let scope = session.enter().await?;
        let made = session.insert(self.table, row, self.actor, sink).await;
        let error = match session.leave(scope, made).await {
            Ok(()) => return Ok(Outcome::Created),
            Err(error) => error,
        };
        if !error.is_unique_violation() || !session.in_transaction() {
            return Err(error);
        }
        // Somebody else may have added the row at the same moment. If not, another row holds one of the other keys.
        let found = session.find(self.table, self.wanted, 2, sink).await?;
        match (found.is_empty(), self.update) {
            (true, _) => Err(error),
            (false, true) => self.change(session, &found, sink).await,
            (false, false) => Ok(Outcome::Found),
        }
    }

    async fn change(
        &mut self,
        session: &mut Session,
        found: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<Outcome> {
        let [key] = found else { return Err(self.is_ambiguous()) };
        let changes = (self.values)(Writing::Update)?;
        session.update(self.table, key, Visibility::Live, changes, self.actor).await?;
        session.get(self.table, key.clone(), Visibility::Live, sink).await?;
        Ok(Outcome::Updated)
    }

    fn is_deleted(&self) -> Error {
        let model = &self.table.model;
        let message = match self.table.over_deleted {
            OverDeleted::New => format!(
                "{model} with {} is deleted and keeps its key: restore it, or leave the key out",
                self.named()
            ),
            _ => format!(
                "{model} with {} is deleted, and {model} rows are not created over deleted ones: restore it first, or \
                 remove it for good",
                self.named()
            ),
        };
        let detail = format!("{model} with this {} is deleted", self.columns());
        self.place(Error::new(Kind::Deleted, message).detail(detail))
    }

    fn is_ambiguous(&self) -> Error {
        let message = format!(
            "several {} rows have this {}, and one was to be changed: name it by a unique field",
            self.table.model,
            self.columns()
        );
        self.place(Error::new(Kind::InvalidValue, message))
    }

    /// The fields looked by, for a message.
    fn columns(&self) -> String {
        let names: Vec<&str> =
            self.wanted.iter().map(|(c, _)| self.table.columns[*c].name.as_str()).collect();
        names.join(", ")
    }

    /// The values looked for, for a message.
    fn named(&self) -> String {
        let shown = |(column, value): &Change| {
            let value = if value.is_null() { "None".to_owned() } else { display(value) };
            format!("{}={value}", self.table.columns[*column].name)
        };
        self.wanted.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    fn place(&self, error: Error) -> Error {
        let field = self.wanted.first().map_or(self.table.primary_key, |(column, _)| *column);
        error.model(&self.table.model).field(&self.table.columns[field].name)
    }
}

/// Passes the first row on, and keeps the keys of all.
struct First<'a> {
    position: usize,
    inner: &'a mut dyn RowSink,
    keys: Vec<Value>,
}

impl RowSink for First<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        if self.keys.is_empty() {
            self.inner.row(row)?;
        }
        self.keys.push(Cell::to_value(row.cell(self.position)?));
        Ok(())
    }

    fn restart(&mut self) {
        self.keys.clear();
        self.inner.restart();
    }
}
