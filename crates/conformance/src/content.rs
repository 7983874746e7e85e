//! The whole content of a database, to compare before and after.

use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::journal::Journal;
use reprieve_core::query::{Order, Select, Source};
use reprieve_core::schema::{AuditLog, ColumnType, Table};
use reprieve_core::value::Value;
use reprieve_engine::Session;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every row of every table, the journal and the audit log included, live or deleted, all columns.
pub type Content = BTreeMap<String, Vec<Vec<Value>>>;

/// Reads everything that the session sees.
///
/// # Errors
/// When the session cannot read.
pub async fn content(session: &mut Session) -> Result<Content> {
    let graph = session.database().schema().graph()?;
    let keeping = Journal::get().tables().into_iter().chain([AuditLog::table()]);
    let mut content = Content::new();
    for table in graph.tables().iter().chain(keeping) {
        let rows = rows(session, all(table)).await?;
        if !rows.is_empty() {
            content.insert(table.name.clone(), rows);
        }
    }
    Ok(content)
}

/// All columns of all rows, by key.
pub fn all(table: &Arc<Table>) -> Select {
    let source = Source::any(0, table);
    let columns = (0..table.columns.len()).map(|i| source.column(i)).collect();
    let key = source.key();
    Select::columns(source, columns).order_by(Order::ascending(key))
}

/// The rows of a query as values of their columns' types.
///
/// # Errors
/// When the session cannot read.
pub async fn rows(session: &mut Session, select: Select) -> Result<Vec<Vec<Value>>> {
    let kinds = select.columns.iter().map(|column| match column {
        reprieve_core::query::Expr::Column { position, .. } => {
            select.from.table.columns[*position].kind().clone()
        }
        _ => ColumnType::Any,
    });
    let mut rows = Rows { kinds: kinds.collect(), rows: Vec::new() };
    session.select(select, &mut rows).await?;
    Ok(rows.rows)
}

/// Documents in one form: databases differ in spaces and in the order of keys.
fn canonical(value: Value) -> Value {
    match value {
        Value::Json(text) => {
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            Value::Json(document.to_string())
        }
        other => other,
    }
}

/// Keeps rows as values.
#[derive(Debug, Default)]
pub struct Rows {
    /// The types of the columns.
    pub kinds: Vec<ColumnType>,
    /// What came.
    pub rows: Vec<Vec<Value>>,
}

impl RowSink for Rows {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        let mut values = Vec::with_capacity(self.kinds.len());
        for (i, kind) in self.kinds.iter().enumerate() {
            let cell = row.cell(i)?;
            values.push(canonical(kind.decode(cell).unwrap_or_else(|| cell.to_value())));
        }
        self.rows.push(values);
        Ok(())
    }

    fn restart(&mut self) {
        self.rows.clear();
    }
}
