//! The audit log: who changed which row of an audited table, how and when.
//!
//! Rows are written by `INSERT … SELECT` from the rows concerned, before they change (after, for a creation), in the
//! same transaction: one statement for any number of rows, and the old values are those of the database.

use crate::session::{Change, Session};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Expr, Insert, Predicate, Rows, Select, Source, Statement};
use reprieve_core::schema::AuditLog;
use reprieve_core::value::{Timestamp, Value};

/// Who acts, as far as the face knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Actor {
    /// The user's key, as text.
    pub user_id: Option<String>,
    /// What else the caller wants noted: a JSON object.
    pub extra: Option<String>,
}

impl Actor {
    /// A user with this key.
    pub fn user(id: impl ToString) -> Self {
        Self { user_id: Some(id.to_string()), extra: None }
    }
}

/// What was done to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// It was created.
    Create,
    /// Columns were changed.
    Update,
    /// It was removed physically.
    Delete,
    /// It was deleted softly.
    SoftDelete,
    /// It was restored.
    Restore,
}

impl Operation {
    /// The name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::SoftDelete => "SOFT_DELETE",
            Self::Restore => "RESTORE",
        }
    }
}

/// The log is written here and nowhere else.
pub(crate) fn refuse_write(statement: &Statement) -> Result<()> {
    let table = statement.table();
    if !statement.writes() || table.id != AuditLog::table().id {
        return Ok(());
    }
    let message = format!(
        "{} is read only: its rows are written together with the changes they tell of. Change a row of an audited \
         model instead",
        table.model
    );
    Err(Error::new(Kind::ReadOnly, message).model(&table.model))
}

/// Writes a row to the log for each row of the source that fulfils the predicate.
pub(crate) async fn record(
    session: &mut Session,
    operation: Operation,
    of: Source,
    filter: Predicate,
    changes: Vec<Change>,
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    let entry = entry(operation, of, filter, changes, now, actor);
    session.run_all(&mut [session.step_of_log(&entry)?]).await
}

/// The statement that does it.
pub(crate) fn entry(
    operation: Operation,
    of: Source,
    filter: Predicate,
    changes: Vec<Change>,
    now: Timestamp,
    actor: &Actor,
) -> Statement {
    let changes = changes.into_iter().map(|(column, value)| (column, Expr::Bind(value))).collect();
    let rows = Select::columns(of, Vec::new()).filter(filter);
    entry_each(operation, rows, changes, now, actor)
}

/// The same for each row of a query without columns, whose changes may differ from row to row.
pub(crate) async fn record_each(
    session: &mut Session,
    operation: Operation,
    rows: Select,
    changes: Vec<(usize, Expr)>,
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    let entry = entry_each(operation, rows, changes, now, actor);
    session.run_all(&mut [session.step_of_log(&entry)?]).await
}

fn entry_each(
    operation: Operation,
    mut rows: Select,
    changes: Vec<(usize, Expr)>,
    now: Timestamp,
    actor: &Actor,
) -> Statement {
    let of = &rows.from;
    let json = |text: &Option<String>| Expr::Bind(text.clone().map_or(Value::Null, Value::Json));
    let snapshot =
        of.table.visible_columns().map(|i| (of.table.columns[i].name.clone(), of.column(i))).collect();
    rows.columns = vec![
        Expr::Bind(Value::from(of.table.model.as_str())),
        Expr::KeyText(Box::new(of.key())),
        Expr::Bind(Value::from(operation.name())),
        Expr::Bind(Value::from(actor.user_id.clone())),
        Expr::Bind(Value::from(now)),
        match changes.is_empty() {
            true => Expr::Bind(Value::Null),
            false => Expr::JsonChanges { source: of.id, changes },
        },
        Expr::JsonObject(snapshot),
        json(&actor.extra),
    ];
    Statement::Insert(Insert {
        table: AuditLog::table().clone(),
        columns: (AuditLog::MODEL_NAME..=AuditLog::EXTRA_DATA).collect(),
        rows: Rows::Select(Box::new(rows)),
        returning: Vec::new(),
    })
}
