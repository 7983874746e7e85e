//! Creating and dropping the tables of a schema, with those that Reprieve keeps beside them.

use crate::database::Database;
use crate::session::{Session, Verb};
use reprieve_core::driver::Discard;
use reprieve_core::error::Result;
use reprieve_core::query::Reach;
use reprieve_core::schema::{AuditLog, Graph, Journal, Table};
use reprieve_core::sql::{Compiled, create_table, drop_table};
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
        let mut statements = Vec::new();
        for table in with_keeping(&tables, Order::First) {
            statements.extend(create_table(&table, &graph, dialect)?);
        }
        session.script(statements).await
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
        let tables = if only.is_some() { tables } else { with_keeping(&tables, Order::Last) };
        session.script(tables.iter().map(|table| drop_table(table, dialect)).collect()).await
    }
}

enum Order {
    First,
    Last,
}

/// The tables, and the journal and the audit log as far as they need them.
fn with_keeping(tables: &[Arc<Table>], order: Order) -> Vec<Arc<Table>> {
    let mut keeping = Vec::new();
    if tables.iter().any(|t| t.soft_delete.is_some()) {
        keeping.extend([Journal::get().deletions.clone(), Journal::get().changes.clone()]);
    }
    if tables.iter().any(|t| t.audit) {
        keeping.push(AuditLog::table().clone());
    }
    match order {
        Order::First => keeping.into_iter().chain(tables.iter().cloned()).collect(),
        Order::Last => tables.iter().cloned().chain(keeping).collect(),
    }
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
        let result = async {
            for sql in statements {
                verb.run(&Compiled::once(sql, Reach::Set), &[], &mut Discard).await?;
            }
            Ok(())
        }
        .await;
        let result = verb.leave(scope, result).await;
        if result.is_ok() {
            verb.commit().await?;
        }
        verb.finish(result)
    }
}
