//! `reprieve_deletions`: which deletion took which roots, when, why, by whom, and whether it is still in force.

use super::Journal;
use crate::driver::Row;
use crate::error::{Error, Kind, Result};
use crate::query::{Comparison, Expr, Insert, Predicate, Rows, Select, Source, Statement, Update};
use crate::schema::{Column, ColumnType, Marker, Table};
use crate::value::{Cell, Timestamp, Value};
use std::sync::Arc;

const ID: usize = 0;
const AT: usize = 1;
/// The table of the rows that the caller named.
const ROOT_TABLE: usize = 2;
/// Their keys, as a JSON array.
const ROOT_KEYS: usize = 3;
/// Who asked, when known.
const ACTOR: usize = 4;
/// Why, when given.
const REASON: usize = 5;
/// Whether children were taken along.
const CASCADE: usize = 6;
/// When the whole deletion was undone.
const RESTORED_AT: usize = 7;

pub(super) fn declare() -> Result<Arc<Table>> {
    Table::builder("Deletion", "reprieve_deletions")
        .column(Column::new("id", ColumnType::Uuid).primary_key())
        .column(Column::new("at", ColumnType::Timestamp).not_null())
        .column(Column::new("root_table", ColumnType::Text).not_null())
        .column(Column::new("root_keys", ColumnType::Json).not_null())
        .column(Column::new("actor", ColumnType::Text))
        .column(Column::new("reason", ColumnType::Text))
        .column(Column::new("cascade", ColumnType::Boolean).not_null())
        .column(Column::new("restored_at", ColumnType::Timestamp))
        // An undo asks whether any other deletion that cascades is in force.
        .index(["cascade", "restored_at"])
        .build()
}

/// A deletion to be written down.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: Value,
    /// Its instant.
    pub at: Timestamp,
    /// The key of its root and the same as a JSON array of one, when it has one root only.
    pub root: Option<(Value, String)>,
    /// Who asked, when known.
    pub actor: Option<String>,
    /// Why, when given.
    pub reason: Option<String>,
    /// Whether children are taken along.
    pub cascade: bool,
}

/// What the journal knows of a deletion that is to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The table of the rows that its caller named.
    pub table: String,
    /// Whether children were taken along.
    pub cascade: bool,
}

/// A deletion that holds rows.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    /// Its id.
    pub id: [u8; 16],
    /// Its instant.
    pub at: Timestamp,
}

/// What a deleted row shows of the deletion that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Who asked, when known.
    pub actor: Option<String>,
    /// Why, when given.
    pub reason: Option<String>,
    /// Whether children were taken along.
    pub cascade: bool,
}

impl Shown {
    /// How many columns [`Journal::shown`] has.
    pub const COLUMNS: usize = 3;

    /// Reads what [`Journal::shown`] selected, from this column on. `None`: another program wrote what the journal never
    /// does.
    ///
    /// # Errors
    /// When the driver cannot read the row.
    pub fn read(row: &dyn Row, first: usize) -> Result<Option<Self>> {
        let text = |cell: Cell<'_>| match cell {
            Cell::Null => Some(None),
            Cell::Text(text) => Some(Some(text.to_owned())),
            _ => None,
        };
        let (actor, reason) = (text(row.cell(first)?), text(row.cell(first + 1)?));
        let cascade = ColumnType::Boolean.decode(row.cell(first + 2)?);
        Ok(match (actor, reason, cascade) {
            (Some(actor), Some(reason), Some(Value::Bool(cascade))) => Some(Self { actor, reason, cascade }),
            (Some(actor), Some(reason), Some(Value::Null)) => Some(Self { actor, reason, cascade: false }),
            _ => None,
        })
    }
}

impl Journal {
    /// A row (of these, numbered so) of the deletions.
    fn deletion(&self, source: u8) -> Source {
        Source::any(source, &self.deletions)
    }

    /// Writes a deletion down whose roots are marked. That of one root writes nothing when the root is not marked, so
    /// that it can go out together with the mark.
    pub fn open(&self, table: &Arc<Table>, marker: Marker, entry: Entry) -> Statement {
        let columns = vec![ID, AT, ROOT_TABLE, ROOT_KEYS, ACTOR, REASON, CASCADE];
        // Only the roots are marked by now.
        let roots = Source::any(0, table);
        let marked = marker.is_held_by(&roots, entry.id.clone());
        let (keys, filter) = match entry.root {
            Some((key, list)) => {
                (Expr::Bind(Value::Json(list)), Predicate::equals(roots.key(), key).and(marked))
            }
            None => (Expr::JsonList(Box::new(roots.key())), marked),
        };
        let row = vec![
            Expr::Bind(entry.id),
            Expr::Bind(entry.at.into()),
            Expr::Bind(table.name.as_str().into()),
            keys,
            Expr::Bind(entry.actor.into()),
            Expr::Bind(entry.reason.into()),
            Expr::Bind(entry.cascade.into()),
        ];
        let rows = Rows::Select(Box::new(Select::columns(roots, row).filter(filter)));
        Statement::Insert(Insert { table: self.deletions.clone(), columns, rows, returning: Vec::new() })
    }

    /// Notes that a deletion is not in force any more; one that was noted before keeps its instant.
    pub fn close(&self, deletion: Value, at: Timestamp) -> Statement {
        let row = self.deletion(0);
        let in_force = Predicate::IsNull(row.column(RESTORED_AT), true);
        let filter = Predicate::equals(row.key(), deletion).and(in_force);
        close(row, filter, at)
    }

    /// Notes it for a deletion without a cascade that holds no row of its table any more.
    pub fn close_if_empty(
        &self,
        table: &Arc<Table>,
        marker: Marker,
        deletion: Value,
        at: Timestamp,
    ) -> Statement {
        let row = self.deletion(0);
        let held = Source::any(1, table);
        let of = Predicate::Compare(marker.holder(&held), Comparison::Equal, row.key());
        let rest = Select::columns(held.clone(), vec![held.key()]).filter(of);
        let filter = Predicate::equals(row.key(), deletion)
            .and(Predicate::equals(row.column(CASCADE), false))
            .and(Predicate::Not(Box::new(Predicate::Exists(Box::new(rest)))));
        close(row, filter, at)
    }

    /// Whether a deletion that cascades, and is in force, holds the row. `source` numbers the journal's row.
    pub fn cascades(&self, row: &Source, source: u8) -> Predicate {
        let Some(marker) = row.table.marker else { return Predicate::Or(Vec::new()) };
        let deletion = self.deletion(source);
        let same = Predicate::Compare(deletion.key(), Comparison::Equal, marker.holder(row));
        let cascade = Predicate::equals(deletion.column(CASCADE), true);
        let select = Select::columns(deletion.clone(), vec![deletion.key()]);
        Predicate::Exists(Box::new(select.filter(same).filter(cascade)))
    }

    /// Whether another deletion's cascade took the row, and its caller did not name it. `source` numbers the journal's
    /// row.
    pub fn took_as_child(&self, row: &Source, marker: Marker, source: u8) -> Predicate {
        let holder = self.deletion(source);
        let holds = Predicate::Compare(holder.key(), Comparison::Equal, marker.holder(row));
        let named = Predicate::equals(holder.column(ROOT_TABLE), row.table.name.as_str())
            .and(Predicate::InJsonList(row.key(), holder.column(ROOT_KEYS)));
        let taken = Select::columns(holder.clone(), vec![holder.key()])
            .filter(holds)
            .filter(Predicate::equals(holder.column(CASCADE), true))
            .filter(Predicate::Not(Box::new(named)));
        Predicate::Exists(Box::new(taken))
    }

    /// The root of a deletion, see [`Journal::root`]: a query of one row, which is kept until the transaction ends.
    pub fn select_root(&self, deletion: &Value) -> Select {
        let row = self.deletion(0);
        let columns = vec![row.column(ROOT_TABLE), row.column(CASCADE)];
        // Whoever undoes it at the same time waits here, and finds it undone.
        Select::columns(row.clone(), columns)
            .filter(Predicate::equals(row.key(), deletion.clone()))
            .lock(crate::query::Lock::Change)
    }

    /// What [`Journal::select_root`] found.
    pub fn root(found: &[Vec<Value>]) -> Option<Root> {
        let [Value::Text(table), cascade] = found.first()?.as_slice() else { return None };
        let cascade = !matches!(cascade, Value::Int(0) | Value::Bool(false));
        Some(Root { table: table.clone(), cascade })
    }

    /// Another deletion that cascades and is in force: a query of at most one row.
    pub fn select_another_in_force(&self, deletion: &Value) -> Select {
        let other = self.deletion(0);
        Select::columns(other.clone(), vec![other.key()])
            .filter(Predicate::Compare(other.key(), Comparison::NotEqual, Expr::Bind(deletion.clone())))
            .filter(Predicate::equals(other.column(CASCADE), true))
            .filter(Predicate::IsNull(other.column(RESTORED_AT), true))
            .limit(1)
    }

    /// A deletion that holds rows, see [`Journal::in_force`]: a query of one row.
    pub fn select_in_force(&self, deletion: &Value) -> Select {
        let row = self.deletion(0);
        Select::columns(row.clone(), vec![row.key(), row.column(AT)])
            .filter(Predicate::equals(row.key(), deletion.clone()))
    }

    /// What [`Journal::select_in_force`] found.
    ///
    /// # Errors
    /// When the journal does not have it.
    pub fn in_force(found: &[Vec<Value>]) -> Result<InForce> {
        match found.first().map(Vec::as_slice) {
            Some([Value::Uuid(id), Value::Timestamp(at)]) => Ok(InForce { id: *id, at: *at }),
            _ => Err(Error::new(
                Kind::Internal,
                "A deletion that holds rows is not in the journal: please report this",
            )),
        }
    }

    /// What a deleted row shows of the deletion that holds it, for [`Shown::read`]. The journal's rows are numbered from
    /// `source` on.
    pub fn shown(&self, holder: &Expr, source: u8) -> [Expr; Shown::COLUMNS] {
        let one = |column: usize, source: u8| {
            let entry = self.deletion(source);
            let this = Predicate::Compare(entry.key(), Comparison::Equal, holder.clone());
            Expr::Scalar(Box::new(Select::columns(entry.clone(), vec![entry.column(column)]).filter(this)))
        };
        [one(ACTOR, source), one(REASON, source + 1), one(CASCADE, source + 2)]
    }

    /// The ids of the deletions that cascaded, among rows of which all columns were read.
    pub fn cascading(rows: &[Vec<Value>]) -> impl Iterator<Item = &Value> {
        rows.iter().filter(|row| row[CASCADE] == Value::Bool(true)).map(|row| &row[ID])
    }
}

fn close(row: Source, filter: Predicate, at: Timestamp) -> Statement {
    let set = vec![(RESTORED_AT, Expr::Bind(at.into()))];
    Statement::Update(Update { target: row, set, filter, returning: Vec::new() })
}
