//! Creating and dropping the tables of a schema, with those that Reprieve keeps beside them.

mod indexes;
mod partly;
mod repeated;

use crate::database::Database;
use crate::session::{Session, Verb};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::journal::Journal;
use reprieve_core::query::Reach;
use reprieve_core::schema::{AuditLog, Graph, Table};
use reprieve_core::sql::{Compiled, create_tables, drop_tables, lock_schema};
use std::sync::Arc;

impl Database {
    /// Creates the tables that are not there yet, with their indexes: all of the schema, or those named. Several
    /// processes may do so at once.
    ///
    /// # Errors
    /// When the schema contradicts itself, or the database refuses; nothing is created then.
    pub async fn create_tables(&self, only: Option<&[String]>) -> Result<()> {
        let mut session = self.session()?;
        let tables = session.selected(only);
        let dialect = self.inner.driver.dialect();
        let graph = session.graph.clone();
        let tables = with_keeping(&tables, only, Order::First)?;
        let mut statements: Vec<String> = lock_schema(dialect).into_iter().collect();
        statements.extend(create_tables(&tables, &graph, dialect)?);
        match session.script(statements).await {
            Ok(()) => Ok(()),
            Err(error) => {
                let error = partly::creating(&graph, &tables, error);
                Err(session.name_repeated(&tables, error).await)
            }
        }
    }

    /// Drops tables with all their rows, deleted ones included; the journal and the audit log go with the last.
    ///
    /// # Errors
    /// When the database refuses; nothing is dropped then.
    pub async fn drop_tables(&self, only: Option<&[String]>) -> Result<()> {
        let mut session = self.session()?;
        let mut tables = session.selected(only);
        tables.reverse();
        let dialect = self.inner.driver.dialect();
        if only.is_none() {
            tables = with_keeping(&tables, only, Order::Last)?;
        } else if names_log(&tables, only) {
            tables.push(AuditLog::table().clone());
        }
        let graph = session.graph.clone();
        let statements = lock_schema(dialect).into_iter().chain(drop_tables(&tables, dialect)).collect();
        session.script(statements).await.map_err(|error| partly::dropping(&graph, &tables, error))
    }
}

enum Order {
    First,
    Last,
}

/// Whether the audit log itself is among the tables named, and not a table of the schema.
fn names_log(tables: &[Arc<Table>], only: Option<&[String]>) -> bool {
    only.is_some_and(|names| names.contains(&AuditLog::table().name)) && own_log(tables).is_none()
}

/// The table of the schema that has the audit log's name.
fn own_log(tables: &[Arc<Table>]) -> Option<&Arc<Table>> {
    tables.iter().find(|table| table.name == AuditLog::table().name)
}

/// The tables, and the journal and the audit log as far as they need them.
fn with_keeping(tables: &[Arc<Table>], only: Option<&[String]>, order: Order) -> Result<Vec<Arc<Table>>> {
    let mut keeping = Vec::new();
    if tables.iter().any(|t| t.marker.is_some()) {
        keeping.extend(Journal::get().tables().map(Arc::clone));
    }
    let audited = tables.iter().find(|t| t.audit);
    if let (Some(audited), Some(own)) = (audited, own_log(tables)) {
        let message = format!(
            "Model {} declares the table '{}', in which the changes of {} are noted, for it is audited: give the \
             table another name, or declare none and read the log by the AuditLog that is there",
            own.model, own.name, audited.model
        );
        return Err(Error::new(Kind::Schema, message).model(&own.model));
    }
    if audited.is_some() || names_log(tables, only) {
        keeping.push(AuditLog::table().clone());
    }
    Ok(match order {
        Order::First => keeping.into_iter().chain(tables.iter().cloned()).collect(),
        Order::Last => tables.iter().cloned().chain(keeping).collect(),
    })
}

impl Session {
    fn selected(&self, only: Option<&[String]>) -> Vec<Arc<Table>> {
        let graph: &Graph = &self.graph;
        let wanted = |table: &Table| only.is_none_or(|names| names.contains(&table.name));
        graph.tables().iter().filter(|table| wanted(table)).cloned().collect()
    }

    async fn script(&mut self, statements: Vec<String>) -> Result<()> {
        let mut verb = Verb::start(self)?;
        let scope = verb.enter().await?;
        let mut steps = Vec::with_capacity(statements.len());
        steps.extend(statements.into_iter().map(|sql| verb.step_of(Compiled::once(sql, Reach::Set))));
        let result = verb.run_all(&mut steps).await;
        let result = verb.leave(scope, result).await;
        if result.is_ok() {
            verb.commit().await?;
        }
        verb.finish(result)
    }
}
