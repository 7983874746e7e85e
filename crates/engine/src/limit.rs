//! How long the database may take for a command: a statement, or the beginning or the end of a transaction.

use reprieve_core::driver::{Reply, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

/// What the database is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    /// A statement whose connection is given up with it, and the transaction too, when there is one.
    Statement,
    /// A statement outside of a transaction that may have written.
    Write,
    Begin,
    Savepoint,
    Commit,
    Rollback,
}

/// How long it may take; any time, when there is none.
pub(crate) struct Limit(Option<(Arc<dyn Runtime>, Duration)>);

impl Limit {
    pub(crate) fn new(runtime: &Arc<dyn Runtime>, time: Option<Duration>) -> Self {
        Self(time.map(|time| (runtime.clone(), time)))
    }

    /// Waits for an answer, and no longer than that. What is given up is stopped by the driver, and its connection closed.
    pub(crate) async fn keep<T: Unpin>(
        &self,
        command: Command,
        mut reply: Reply<'_, Result<T>>,
    ) -> Result<T> {
        let (Some((runtime, time)), Reply::Pending(_)) = (&self.0, &reply) else { return reply.await };
        let mut over = runtime.sleep(*time);
        let answer = poll_fn(|cx| match Pin::new(&mut reply).poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => over.as_mut().poll(cx).map(|()| None),
        });
        answer.await.unwrap_or_else(|| Err(command.took_longer_than(*time)))
    }
}

impl Command {
    #[cold]
    fn took_longer_than(self, time: Duration) -> Error {
        let what = match self {
            Self::Statement | Self::Write => "The statement",
            Self::Begin => "The beginning of the transaction",
            Self::Savepoint => "A savepoint",
            Self::Commit => "The commit",
            Self::Rollback => "The rollback",
        };
        let time = time.as_secs_f64();
        let message = format!("{what} took longer than {time} s (command_timeout), and was stopped");
        match self {
            Self::Commit | Self::Write => Error::new(
                Kind::Timeout,
                format!("{message}. Whether it was done is not known: look before you run it again"),
            )
            .in_doubt(),
            _ => Error::new(
                Kind::Timeout,
                format!(
                    "{message}; what its transaction wrote is undone. Make it do less, allow it more time, or check the way to \
                     the database"
                ),
            ),
        }
    }
}
