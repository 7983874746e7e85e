//! Reading.

use super::{Session, State, Verb};
use crate::audit;
use crate::pool::Reader;
use reprieve_core::driver::RowSink;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::query::{Expr, Reach, Select, Statement};
use reprieve_core::schema::{AuditLog, ColumnType};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::Arc;

impl Session {
    /// The text of a statement and its binds; built once for each shape.
    ///
    /// # Errors
    /// When the statement cannot be written for this database, or writes to the audit log.
    pub fn compile(&self, statement: &Statement, binds: &mut Vec<Value>) -> Result<Arc<Compiled>> {
        audit::refuse_write(statement)?;
        self.compile_any(statement, binds)
    }

    /// [`Session::compile`], for the engine's own entries in the audit log too.
    pub(crate) fn compile_any(&self, statement: &Statement, binds: &mut Vec<Value>) -> Result<Arc<Compiled>> {
        let compiled = self.database.inner.compiler.compile(statement, binds).map_err(|error| {
            let table = statement.table();
            let message = format!("{}: {error}", table.model);
            error.message(message).model(&table.model)
        })?;
        self.check_operands(statement, binds)?;
        Ok(compiled)
    }

    /// Runs a query; each row goes to the sink.
    ///
    /// # Errors
    /// When the database refuses, or the sink does.
    pub async fn select(&mut self, select: Select, sink: &mut dyn RowSink) -> Result<()> {
        let mut binds = Vec::new();
        let statement = self.compile(&Statement::Select(select), &mut binds)?;
        self.fetch(&statement, &binds, sink).await
    }

    /// Runs a compiled query; each row goes to the sink.
    ///
    /// # Errors
    /// As [`Session::select`].
    pub async fn fetch(
        &mut self,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let mut verb = Verb::start(self)?;
        let result = verb.read(statement, binds, sink).await;
        verb.finish(result)
    }

    /// In the transaction when there is one, else on any connection.
    pub(crate) async fn read(
        &mut self,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        self.read_that_reaches(Reach::Set, statement, binds, sink).await
    }

    /// [`Session::read`] that says how far it reaches: one of a row finds its connection in a crowd of others.
    pub(super) async fn read_that_reaches(
        &mut self,
        reach: Reach,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        self.open_for_read().await?;
        if let State::Open(_) = self.state {
            return self.run(statement, binds, sink).await.map(drop);
        }
        self.trace(statement);
        let pool = &self.database.inner.pool;
        let mut reader = match reach {
            Reach::Row => pool.acquire_reader().await?,
            Reach::Set => Reader::Own(pool.acquire().await?),
        };
        let result = reader.read(pool, &self.limit(), statement, binds, sink).await;
        result.map_err(|error| self.explained(error, binds.iter()))
    }

    /// Runs a query of the engine's own and returns its rows as values, columns of its table by their types.
    pub(crate) async fn rows(&mut self, select: Select) -> Result<Vec<Vec<Value>>> {
        let mut rows = Rows::of(&select);
        let mut binds = Vec::new();
        let statement = self.compile(&Statement::Select(select), &mut binds)?;
        self.read(&statement, &binds, &mut rows).await?;
        Ok(rows.rows)
    }

    pub(crate) fn trace(&self, statement: &Compiled) {
        if let Some(trace) = &self.database.inner.trace {
            trace(&statement.sql);
        }
    }

    /// An error of a driver with what the engine knows, the model behind the table, and without what the statement was
    /// given.
    #[cold]
    pub(crate) fn explained<'a>(
        &self,
        error: Error,
        binds: impl Iterator<Item = &'a Value> + Clone,
    ) -> Error {
        let error = error.without(binds);
        let Some(table) = error.context().table.clone() else { return error };
        let mut tables = self.graph.tables().iter().chain([AuditLog::table()]);
        let model = tables.find(|t| t.name == table).map(|t| t.model.clone());
        let field = error.context().field().unwrap_or_default().into_owned();
        match (error.kind(), model) {
            (Kind::MissingTable, Some(model)) if table == AuditLog::table().name => {
                let message = format!(
                    "The table '{table}' is not in the database: call create_tables(), which creates it when a model \
                     is audited, or check the database's address"
                );
                error.message(message).model(model)
            }
            (Kind::MissingTable, Some(model)) => {
                let message = format!(
                    "The table '{table}' of model {model} is not in the database: call create_tables(), or check the \
                     database's address"
                );
                error.message(message).model(model)
            }
            (Kind::UniqueViolation, Some(model)) => {
                let message = format!("{model} with this {field} already exists");
                // The value is known to the caller only.
                error.message(message).model(model).value("the same value")
            }
            (_, Some(model)) => error.model(model),
            (_, None) => error,
        }
    }
}

/// Takes rows as values.
pub(crate) struct Rows {
    kinds: Vec<ColumnType>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Rows {
    /// For the rows of this query: columns of its table by their types.
    pub(crate) fn of(select: &Select) -> Self {
        let kind = |expr: &Expr| match expr {
            Expr::Column { source, position } if *source == select.from.id => {
                select.from.table.columns[*position].kind().clone()
            }
            _ => ColumnType::Any,
        };
        Self { kinds: select.columns.iter().map(kind).collect(), rows: Vec::new() }
    }
}

impl RowSink for Rows {
    fn row(&mut self, row: &dyn reprieve_core::driver::Row) -> Result<()> {
        let decode = |(i, kind): (usize, &ColumnType)| {
            let cell = row.cell(i)?;
            Ok(kind.decode(cell).unwrap_or_else(|| cell.to_value()))
        };
        let cells: Result<Vec<Value>> = self.kinds.iter().enumerate().map(decode).collect();
        self.rows.push(cells?);
        Ok(())
    }

    fn restart(&mut self) {
        self.rows.clear();
    }
}
