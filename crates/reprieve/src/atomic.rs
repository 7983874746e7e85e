//! Work that happens as a whole, and is run again when other transactions were in its way.

use crate::database::Database;
use crate::runtime::Tokio;
use crate::session::Session;
use crate::{Error, Isolation, Result, SessionOptions};
use reprieve_core::driver::Runtime;
use reprieve_engine::retry;
use std::time::Duration;

/// Work that happens as a whole, in a session of its own: [`run`](Self::run) commits when it returns `Ok`, and leaves
/// nothing of it when it returns an error.
///
/// With [`retries`](Self::retries) it is run again, from its beginning and in another session, when other transactions
/// were in its way ([`Error::is_retryable`]):
///
/// ```
/// # use reprieve::{Database, Isolation, Model, Result};
/// # #[derive(Debug, Clone, Model)]
/// # #[model(table = "counters")]
/// # struct Counter { #[model(primary_key)] id: i64, count: i64 }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let database = Database::builder("sqlite::memory:").model::<Counter>().connect()?;
/// # database.create_tables().await?;
/// # let mut session = database.session()?;
/// # let id = Counter::create().count(1).insert(&mut session).await?.id;
/// # session.commit().await?;
/// let work = database.atomic().isolation(Isolation::Serializable).retries(3);
/// let count = work
///     .run(async |session| {
///         let mut counter = Counter::get_or_404(session, id).await?;
///         let next = counter.count + 1;
///         counter.update().count(next).save(session).await?;
///         Ok::<_, reprieve::Error>(next)
///     })
///     .await?;
/// assert_eq!(count, 2);
/// # Ok::<(), reprieve::Error>(())
/// # }).unwrap();
/// ```
///
/// What the work does beside the database it does each time. In a task or a handler, which may move to another thread, write
/// `async move |session|`: of a closure that borrows what is around it, the compiler cannot tell that it may.
#[derive(Debug, Clone)]
#[must_use = "nothing happens until run()"]
pub struct Atomic {
    database: Database,
    retries: u32,
    options: SessionOptions,
}

/// Errors that work may fail with: whether the same work, run again from its beginning, may well succeed.
///
/// A type of a program's own says so by the error that it holds:
///
/// ```
/// enum AppError {
///     Database(reprieve::Error),
///     NotYours,
/// }
///
/// # impl From<reprieve::Error> for AppError { fn from(error: reprieve::Error) -> Self { Self::Database(error) } }
/// impl reprieve::Retryable for AppError {
///     fn is_retryable(&self) -> bool {
///         matches!(self, Self::Database(error) if error.is_retryable())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say whether work that failed with it may be run again",
    note = "implement `reprieve::Retryable` for it: it is retryable when the `reprieve::Error` in it is"
)]
pub trait Retryable {
    /// Whether the same work, run again from its beginning, may well succeed.
    fn is_retryable(&self) -> bool;
}

impl Retryable for Error {
    fn is_retryable(&self) -> bool {
        Error::is_retryable(self)
    }
}

impl Retryable for Box<dyn std::error::Error + Send + Sync> {
    fn is_retryable(&self) -> bool {
        self.downcast_ref::<Error>().is_some_and(Error::is_retryable)
    }
}

impl Database {
    /// Work that happens as a whole, in a session of its own. See [`Atomic`].
    pub fn atomic(&self) -> Atomic {
        Atomic { database: self.clone(), retries: 0, options: SessionOptions::default() }
    }
}

impl Atomic {
    /// How many times the work is run again when other transactions were in its way (default: never).
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// What its transactions see of others.
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.options = self.options.isolation(isolation);
        self
    }

    /// How long the database may take for one of its commands, see [`Session::command_timeout`]; `None`: any time.
    pub fn command_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.options = self.options.command_timeout(time);
        self
    }

    /// Does the work, with a session that is its own, and commits.
    ///
    /// # Errors
    /// The work's own, as it is; and when the session cannot be opened or committed. Nothing of the work is kept then,
    /// except that a connection that was lost at the commit leaves that in doubt ([`Error::is_in_doubt`]); it is not run
    /// again.
    ///
    /// In a future that has to be `Send` the work has to own what it uses: `async move |session| …`.
    pub async fn run<T, E>(&self, mut work: impl AsyncFnMut(&mut Session) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error> + Retryable,
    {
        let mut failures = 0;
        loop {
            match self.once(&mut work).await {
                Err(error) if failures < self.retries && error.is_retryable() => failures += 1,
                result => return result,
            }
            Tokio.sleep(retry::pause(failures)).await;
        }
    }

    async fn once<T, E: From<Error>>(
        &self,
        work: &mut impl AsyncFnMut(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = self.options.open(&self.database)?;
        let result = work(&mut session).await?;
        session.commit().await?;
        Ok(result)
    }
}
