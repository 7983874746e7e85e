//! One statement, and what becomes of the transaction when it fails.

use crate::bind::Bind;
use crate::cleanse;
use crate::connection::PostgresConnection;
use crate::effect::Effect;
use crate::error;
use crate::fold;
use crate::keys::{self, Key};
use crate::link::Ending;
use crate::row::{Beside, BufferedRow, Reader};
use crate::statements::Prepared;
use futures_util::StreamExt;
use futures_util::future::join;
use reprieve_core::driver::{Isolation, RowSink, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::borrow::Cow;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, RowStream};

/// What failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What had to be sent before the statement.
    Control(tokio_postgres::Error),
    /// The statement.
    Statement(tokio_postgres::Error),
    /// Whoever took its rows.
    Sink(Error),
    /// Its values are not as many as it takes, and it was not sent.
    Unfit(Error),
}

/// Sends commands and a request in one go.
pub(crate) async fn together<T>(
    client: &Client,
    commands: Option<String>,
    request: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, Failure> {
    let Some(commands) = commands else { return request.await.map_err(Failure::Statement) };
    // Each is sent when it is polled first, in this order.
    let (done, answer) = join(client.batch_execute(&commands), request).await;
    done.map_err(Failure::Control)?;
    answer.map_err(Failure::Statement)
}

/// Passes the rows on; returns how many were changed.
pub(crate) async fn drain(
    runtime: &dyn Runtime,
    rows: RowStream,
    reader: Option<&Reader>,
    effect: Effect,
    sink: &mut dyn RowSink,
) -> Result<u64, Failure> {
    let mut rows = pin!(rows);
    let mut beside = Beside::default();
    let mut found = None;
    let mut slice = Slice::default();
    while let Some(row) = rows.next().await {
        let row = row.map_err(Failure::Statement)?;
        let reader = match reader {
            Some(reader) => reader,
            None => {
                if let (None, Some(names)) = (&found, sink.columns()) {
                    *names = row.columns().iter().map(|column| column.name().to_owned()).collect();
                }
                found.get_or_insert_with(|| Reader::new(row.columns()))
            }
        };
        beside.fill(&row, reader).map_err(Failure::Sink)?;
        sink.row(&BufferedRow { row: &row, reader, beside: &beside }).map_err(Failure::Sink)?;
        if slice.is_over() {
            runtime.yield_now().await;
            slice = Slice::default();
        }
    }
    Ok(if effect == Effect::Writes { rows.rows_affected().unwrap_or(0) } else { 0 })
}

/// The rows that are passed on without letting others run. Rows may come faster than they are taken, and would then hold the
/// thread from the first to the last.
#[derive(Default)]
struct Slice {
    rows: usize,
    since: Option<Instant>,
}

impl Slice {
    /// Rows between two looks at the clock.
    const LOOK: usize = 64;
    const LENGTH: Duration = Duration::from_micros(2500);

    /// After each row: whether it is time for others.
    fn is_over(&mut self) -> bool {
        self.rows += 1;
        self.rows.is_multiple_of(Self::LOOK)
            && self.since.get_or_insert_with(Instant::now).elapsed() > Self::LENGTH
    }
}

/// Tells a sink the names of the columns, when it wants to know them.
pub(crate) fn name_columns(prepared: &Prepared, sink: &mut dyn RowSink) {
    if let Some(names) = sink.columns() {
        *names = prepared.statement.columns().iter().map(|column| column.name().to_owned()).collect();
    }
}

/// How a statement goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Prepared, when it is not yet, and kept.
    Kept,
    /// Prepared, for the types of its values or the names of its columns, and forgotten.
    Once,
    /// With its values as text, at once.
    Typed,
}

/// Whether a value is a list that may be meant for an array: only the type of its place tells.
pub(crate) fn has_list(binds: &[Value]) -> bool {
    binds.iter().any(|value| matches!(value, Value::Json(text) if text.trim_start().starts_with('[')))
}

impl PostgresConnection {
    pub(crate) async fn run_one(
        &mut self,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<u64> {
        let form = self.form(statement, binds, sink);
        if form != Form::Once || self.shared.options.prepares() || self.transaction.is_open() {
            return self.run_as(form, statement, binds, sink).await;
        }
        // A name holds as long as a transaction.
        self.transaction.begin(Isolation::default());
        let result = self.run_as(form, statement, binds, sink).await;
        match result {
            Ok(changed) => self.commit_transaction().await.map(|()| changed),
            Err(error) => {
                self.transaction.end();
                Err(error)
            }
        }
    }

    fn form(&self, statement: &Compiled, binds: &[Value], sink: &mut dyn RowSink) -> Form {
        if self.shared.options.prepares() {
            return match statement.cached {
                true => Form::Kept,
                false if binds.is_empty() && sink.columns().is_none() => Form::Typed,
                false => Form::Once,
            };
        }
        // Some statements cannot run in a transaction; reads can.
        let may_wrap = self.transaction.is_open() || Effect::of(statement) != Effect::Writes;
        match has_list(binds) || may_wrap && sink.columns().is_some() {
            true => Form::Once,
            false => Form::Typed,
        }
    }

    async fn run_as(
        &mut self,
        form: Form,
        statement: &Compiled,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<u64> {
        let mut known = self.statements.get(statement);
        loop {
            let reused = known.is_some();
            let failure = match self.attempt(form, statement, known, binds, sink).await? {
                Ok(changed) => {
                    self.is_heard();
                    return Ok(changed);
                }
                Err(failure) => failure,
            };
            let stale = matches!(&failure, Failure::Statement(error) if reused && error::is_stale(error));
            let error = self.after(failure, Effect::of(statement), &statement.sql, false).await;
            if !stale || self.link.is_none() {
                return Err(error);
            }
            self.statements.forget(statement);
            sink.restart();
            known = None;
        }
    }

    /// The outer error: nothing was sent.
    async fn attempt(
        &mut self,
        form: Form,
        statement: &Compiled,
        known: Option<Arc<Prepared>>,
        binds: &[Value],
        sink: &mut dyn RowSink,
    ) -> Result<Result<u64, Failure>> {
        let sql = match &known {
            // It is known by its number.
            Some(prepared) => prepared.fits(binds).map(|()| Cow::Borrowed(""))?,
            None => self.text(statement).await?,
        };
        let writes =
            known.as_ref().map_or_else(|| Effect::of(statement), |known| known.effect) == Effect::Writes;
        // What nobody else can end is not waited for where everybody else stands still.
        let may_wait = !writes || !self.transaction.is_open() || self.shared.runtime.may_wait();
        let mut commands = self.transaction.before(may_wait);
        let client = &self.link()?.client;
        let prepared = match known {
            Some(prepared) => Some(prepared),
            None if form == Form::Typed => None,
            None => match together(client, commands.take(), client.prepare(&sql)).await {
                Ok(prepared) => {
                    // The server may have left after its answer: the statement itself was not sent.
                    self.check()?;
                    Some(Arc::new(Prepared::new(prepared, statement)))
                }
                Err(failure) => return Ok(Err(failure)),
            },
        };
        let effect = prepared.as_ref().map_or_else(|| Effect::of(statement), |prepared| prepared.effect);
        let rows = match &prepared {
            Some(prepared) => {
                if let Err(error) = prepared.fits(binds) {
                    return Ok(Err(Failure::Unfit(error)));
                }
                name_columns(prepared, sink);
                let request = client.query_raw(&prepared.statement, binds.iter().map(Bind));
                together(client, commands, request).await
            }
            None => {
                let typed = binds.iter().map(|value| (Bind(value), Type::UNKNOWN));
                together(client, commands, client.query_typed_raw(&sql, typed)).await
            }
        };
        let changed = match rows {
            Ok(rows) => {
                drain(
                    &*self.shared.runtime,
                    rows,
                    prepared.as_ref().map(|prepared| &prepared.reader),
                    effect,
                    sink,
                )
                .await
            }
            Err(failure) => Err(failure),
        };
        if changed.is_ok() {
            self.transaction.done(effect != Effect::Nothing);
        }
        match prepared {
            Some(prepared) if changed.is_ok() && form == Form::Kept => {
                self.statements.keep(statement, prepared)
            }
            // Behind a pooler it is closed before its transaction ends: the next one is another connection's.
            Some(prepared) if self.shared.options.prepares() => self.statements.leave(prepared),
            _ => {}
        }
        Ok(changed)
    }

    /// The text as this server wants it.
    pub(crate) async fn text<'a>(&mut self, statement: &'a Compiled) -> Result<Cow<'a, str>> {
        let failed = match fold::text(&self.shared, &self.link()?.client, statement).await {
            Ok(text) => return Ok(text),
            Err(failed) => failed,
        };
        let ending = self.lose(false);
        Err(error::translate(failed, &statement.sql, &ending))
    }

    /// After a failure: the transaction is as it was before the statement. Returns what to tell; when the connection was
    /// lost meanwhile, that.
    pub(crate) async fn after(&mut self, failure: Failure, effect: Effect, sql: &str, group: bool) -> Error {
        let error = match failure {
            Failure::Unfit(error) => return self.go_back().await.err().unwrap_or(error),
            Failure::Sink(error) if group || effect == Effect::Writes => {
                return self.go_back().await.err().unwrap_or(error);
            }
            Failure::Sink(error) => return error,
            Failure::Control(error) | Failure::Statement(error) if error::is_fatal(&error) => {
                // In a transaction it is rolled back; outside it may have been done.
                let kept = !self.transaction.is_open() && effect == Effect::Writes;
                let translate = if kept { error::in_doubt } else { error::translate };
                let ending = self.lose(error::is_final(&error));
                return translate(error, sql, &ending);
            }
            // BEGIN or a savepoint was refused: what came after it stands on its own.
            Failure::Control(error) => {
                let translate = if effect == Effect::Writes { error::in_doubt } else { error::translate };
                let error = translate(error, sql, &Ending::default());
                self.give_up();
                return error;
            }
            Failure::Statement(error) => error,
        };
        let key = error.as_db_error().and_then(Key::of);
        let sent = error.as_db_error().is_some();
        if !self.shared.options.prepares() && error::is_stale(&error) {
            return self.unlearned(error, effect, sql).await;
        }
        let error = error::translate(error, sql, &Ending::default());
        if error.kind() == Kind::Serialization && self.transaction.is_open() {
            // Nothing of it could be kept: it has read what is not so any more.
            self.transaction.end();
            let commands = self.with_cleansing("ROLLBACK");
            let _ = self.control(commands).await;
        } else if (sent || group)
            && let Err(lost) = self.go_back().await
        {
            return lost;
        }
        match key {
            Some(key) => self.name_key(error, key).await,
            None => error,
        }
    }

    /// Without prepared statements: it met a type that is newer than its connection, which is of no use any more. The
    /// statement itself was fine.
    async fn unlearned(&mut self, error: tokio_postgres::Error, effect: Effect, sql: &str) -> Error {
        let kept = !self.transaction.is_open() && effect == Effect::Writes;
        let translate = if kept { error::in_doubt } else { error::translate };
        if let Err(lost) = self.go_back().await {
            return lost;
        }
        self.worn = true;
        let error = translate(error, sql, &Ending::default());
        let message =
            format!("{error}. It may have met a type that is newer than its connection: run it again");
        error.message(message)
    }

    /// Goes back to where the transaction was before the statement that failed. An error says that the connection is lost.
    async fn go_back(&mut self) -> Result<()> {
        let Some(commands) = self.transaction.recover() else { return Ok(()) };
        // When nothing is left of the transaction, a pooler gives its connection to another client.
        let commands = match self.transaction.is_unsent() {
            true => self.with_cleansing(&commands),
            false => commands,
        };
        self.control(commands).await
    }

    /// Sends commands that only a lost connection makes fail.
    pub(crate) async fn control(&mut self, commands: String) -> Result<()> {
        let result = self.link()?.client.batch_execute(&commands).await;
        match result {
            Ok(()) => {
                self.is_heard();
                Ok(())
            }
            Err(error) => {
                let ending = self.lose(error::is_final(&error));
                Err(error::translate(error, &commands, &ending))
            }
        }
    }

    /// Commits. Whatever fails, nothing is open afterwards.
    pub(crate) async fn commit_transaction(&mut self) -> Result<()> {
        let Some(commands) = self.transaction.commit() else { return Ok(()) };
        // What is lost before COMMIT was sent is not in doubt.
        if let Err(error) = self.check() {
            self.transaction.end();
            return Err(error);
        }
        let client = &self.link()?.client;
        let result = match self.tainted {
            true => cleanse::commit(client, &commands).await,
            false => client.batch_execute(&commands).await.map(|()| true),
        };
        self.transaction.end();
        let error = match result {
            Ok(clean) => {
                self.tainted = false;
                self.is_heard();
                if !clean {
                    self.give_up();
                }
                return Ok(());
            }
            Err(error) => error,
        };
        if error::is_fatal(&error) {
            let ending = self.lose(error::is_final(&error));
            return Err(error::in_doubt(error, &commands, &ending));
        }
        let key = error.as_db_error().and_then(Key::of);
        let error = error::translate(error, &commands, &Ending::default());
        // Nothing is open when COMMIT itself was refused; then this does nothing.
        let commands = self.with_cleansing("ROLLBACK");
        self.control(commands).await?;
        Err(match key {
            Some(key) => self.name_key(error, key).await,
            None => error,
        })
    }

    /// Names the columns of the key that was violated.
    async fn name_key(&mut self, error: Error, key: Key) -> Error {
        let Ok(link) = self.link() else { return error };
        let schema = Value::Text(key.schema);
        let name = Value::Text(key.name);
        let binds = [(Bind(&schema), Type::UNKNOWN), (Bind(&name), Type::UNKNOWN)];
        let mut columns: Vec<Option<String>> = Vec::new();
        let found = async {
            let mut rows = pin!(link.client.query_typed_raw(keys::COLUMNS, binds).await?);
            while let Some(row) = rows.next().await {
                columns.push(row?.try_get(0)?);
            }
            Ok::<(), tokio_postgres::Error>(())
        };
        match found.await {
            Ok(()) => match columns.into_iter().collect::<Option<Vec<String>>>() {
                Some(names) if !names.is_empty() => error.fields(names),
                _ => error,
            },
            Err(_) => self.go_back().await.err().unwrap_or(error),
        }
    }
}
