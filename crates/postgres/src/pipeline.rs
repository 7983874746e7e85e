//! Statements that go out together.

use crate::bind::Bind;
use crate::connection::PostgresConnection;
use crate::effect::Effect;
use crate::error;
use crate::run::{Failure, drain, has_list, name_columns};
use crate::statements::Prepared;
use futures_util::future::{MaybeDone, maybe_done};
use reprieve_core::driver::{RowSink, Step};
use reprieve_core::error::{Error, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

type Request<'a, T> =
    Pin<Box<MaybeDone<Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send + 'a>>>>>;

fn request<'a, T>(
    future: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'a,
) -> Request<'a, T> {
    let future: Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send + 'a>> =
        Box::pin(future);
    Box::pin(maybe_done(future))
}

/// Sends commands and requests: each goes out when it is polled first, in this order.
async fn send<T>(
    client: &Client,
    commands: Option<String>,
    requests: &mut [Request<'_, T>],
) -> Result<(), Failure> {
    let mut control = commands.as_deref().map(|commands| request(client.batch_execute(commands)));
    poll_fn(|cx| {
        if let Some(control) = &mut control {
            // What it answers is asked for below.
            let _ = control.as_mut().poll(cx);
        }
        for request in requests.iter_mut() {
            let _ = request.as_mut().poll(cx);
        }
        Poll::Ready(())
    })
    .await;
    match &mut control {
        Some(control) => answer(control).await.map_err(Failure::Control),
        None => Ok(()),
    }
}

async fn answer<T>(request: &mut Request<'_, T>) -> Result<T, tokio_postgres::Error> {
    request.as_mut().await;
    request.as_mut().take_output().expect("a request is asked for its answer once, when it is done")
}

/// A step, in parts that are borrowed on their own.
struct Part<'a> {
    statement: &'a Compiled,
    binds: &'a [Value],
    sink: &'a mut dyn RowSink,
    changed: &'a mut u64,
}

impl PostgresConnection {
    pub(crate) async fn run_steps(&mut self, steps: &mut [Step<'_>]) -> Result<()> {
        let mut again = true;
        loop {
            let (at, failure) = match self.attempt_all(steps).await? {
                Ok(()) => {
                    self.is_heard();
                    return Ok(());
                }
                Err(failed) => failed,
            };
            let stale = matches!(&failure, Failure::Statement(error) if again && error::is_stale(error));
            let sql = steps.get(at).map(|step| step.statement.sql.clone()).unwrap_or_default();
            let error = self.after(failure, Effect::Writes, &sql, true).await;
            if !stale || !self.transaction.is_open() {
                return Err(error);
            }
            again = false;
            for step in steps.iter_mut() {
                self.statements.forget(&step.statement);
                step.sink.restart();
            }
        }
    }

    /// Runs them; the number of the step that failed, and how. The outer error: nothing was sent.
    async fn attempt_all(&mut self, steps: &mut [Step<'_>]) -> Result<Result<(), (usize, Failure)>> {
        let mut plan = Plan::new(self, steps);
        if let Err((_, error)) = plan.fits(steps) {
            return Err(error);
        }
        for (text, prepared, statement) in plan.missing() {
            if prepared.is_none() {
                *text = self.text(statement).await?.into_owned();
            }
        }
        let may_wait = self.shared.runtime.may_wait();
        let mut commands = self.transaction.before(may_wait);
        if let Err(failed) = self.prepare_all(&mut plan, &mut commands).await? {
            return Ok(Err(failed));
        }
        if let Err((at, error)) = plan.fits(steps) {
            return Ok(Err((at, Failure::Unfit(error))));
        }
        let Plan { texts, prepared, .. } = plan;
        let client = &self.link()?.client;
        let mut parts: Vec<Part<'_>> = steps
            .iter_mut()
            .map(|step| Part {
                statement: &step.statement,
                binds: &step.binds,
                sink: &mut *step.sink,
                changed: &mut step.changed,
            })
            .collect();
        let mut requests: Vec<Request<'_, _>> = parts
            .iter()
            .zip(&prepared)
            .zip(&texts)
            .map(|((part, prepared), sql)| {
                let binds = part.binds;
                match prepared {
                    Some(prepared) => request(client.query_raw(&prepared.statement, binds.iter().map(Bind))),
                    None => {
                        request(client.query_typed_raw(sql, binds.iter().map(|v| (Bind(v), Type::UNKNOWN))))
                    }
                }
            })
            .collect();
        if let Err(failure) = send(client, commands, &mut requests).await {
            return Ok(Err((0, failure)));
        }
        let mut leaves_something = false;
        for (at, ((part, prepared), request)) in
            parts.iter_mut().zip(&prepared).zip(&mut requests).enumerate()
        {
            let effect = prepared.as_ref().map_or_else(|| Effect::of(part.statement), |p| p.effect);
            leaves_something |= effect != Effect::Nothing;
            if let Some(prepared) = prepared {
                name_columns(prepared, part.sink);
            }
            let changed = match answer(request).await {
                Ok(rows) => {
                    drain(
                        &*self.shared.runtime,
                        rows,
                        prepared.as_ref().map(|p| &p.reader),
                        effect,
                        part.sink,
                    )
                    .await
                }
                Err(error) => Err(Failure::Statement(error)),
            };
            match changed {
                Ok(changed) => *part.changed = changed,
                Err(failure) => return Ok(Err((at, failure))),
            }
        }
        drop(requests);
        self.transaction.done(leaves_something);
        Ok(Ok(()))
    }

    /// Prepares what has to be and is not, in one go.
    async fn prepare_all(
        &mut self,
        plan: &mut Plan,
        commands: &mut Option<String>,
    ) -> Result<Result<(), (usize, Failure)>> {
        let wanted = plan.wanted(self.shared.options.prepares());
        if wanted.is_empty() {
            return Ok(Ok(()));
        }
        let client = &self.link()?.client;
        let mut made = Vec::with_capacity(wanted.len());
        {
            let mut requests: Vec<Request<'_, _>> =
                wanted.iter().map(|i| request(client.prepare(&plan.texts[*i]))).collect();
            if let Err(failure) = send(client, commands.take(), &mut requests).await {
                return Ok(Err((0, failure)));
            }
            for (i, request) in wanted.iter().zip(&mut requests) {
                match answer(request).await {
                    Ok(statement) => made.push(Arc::new(Prepared::new(statement, &plan.statements[*i]))),
                    Err(error) => return Ok(Err((*i, Failure::Statement(error)))),
                }
            }
        }
        for (i, made) in wanted.into_iter().zip(made) {
            let statement = &plan.statements[i];
            if self.shared.options.prepares() {
                match statement.cached {
                    true => self.statements.keep(statement, made.clone()),
                    false => self.statements.leave(made.clone()),
                }
            }
            for (other, prepared) in plan.statements.iter().zip(&mut plan.prepared) {
                if other.id == statement.id {
                    *prepared = Some(made.clone());
                }
            }
        }
        Ok(Ok(()))
    }
}

/// What is known of steps before they go out.
struct Plan {
    statements: Vec<Arc<Compiled>>,
    prepared: Vec<Option<Arc<Prepared>>>,
    /// The texts of those that are not prepared.
    texts: Vec<String>,
    /// Those with a value whose form depends on the type of its place.
    lists: Vec<bool>,
}

impl Plan {
    fn new(connection: &mut PostgresConnection, steps: &[Step<'_>]) -> Self {
        Self {
            statements: steps.iter().map(|step| step.statement.clone()).collect(),
            prepared: steps.iter().map(|step| connection.statements.get(&step.statement)).collect(),
            texts: vec![String::new(); steps.len()],
            lists: steps.iter().map(|step| has_list(&step.binds)).collect(),
        }
    }

    /// Whether those that are prepared take the values of their steps; else which one does not.
    fn fits(&self, steps: &[Step<'_>]) -> Result<(), (usize, Error)> {
        for (at, (step, prepared)) in steps.iter().zip(&self.prepared).enumerate() {
            if let Some(prepared) = prepared {
                prepared.fits(&step.binds).map_err(|error| (at, error))?;
            }
        }
        Ok(())
    }

    fn missing(&mut self) -> impl Iterator<Item = (&mut String, &Option<Arc<Prepared>>, &Arc<Compiled>)> {
        let known = self.prepared.iter().zip(&self.statements);
        self.texts.iter_mut().zip(known).map(|(text, (prepared, statement))| (text, prepared, statement))
    }

    /// Those to be prepared, each once.
    fn wanted(&self, prepares: bool) -> Vec<usize> {
        let mut seen = HashSet::new();
        (0..self.statements.len())
            .filter(|i| self.prepared[*i].is_none() && (prepares || self.lists[*i]))
            .filter(|i| seen.insert(self.statements[*i].id))
            .collect()
    }
}
