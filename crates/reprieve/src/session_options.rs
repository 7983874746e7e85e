//! What a session is opened with.

use crate::{Database, Session};
use reprieve_core::driver::Isolation;
use reprieve_core::error::Result;
use std::time::Duration;

/// What sessions are opened with that others open: [`Atomic`](crate::Atomic), and the layer of axum.
///
/// ```
/// use reprieve::{Database, Isolation, SessionOptions};
/// use std::time::Duration;
///
/// # fn open(database: &Database) -> reprieve::Result<reprieve::Session> {
/// let strict = SessionOptions::default().isolation(Isolation::Serializable).command_timeout(Duration::from_secs(5));
/// strict.open(database)
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionOptions {
    isolation: Isolation,
    /// As the database says, when it is not given.
    command_timeout: Option<Option<Duration>>,
}

impl SessionOptions {
    /// What their transactions see of others.
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = isolation;
        self
    }

    /// How long the database may take for one of their commands, see [`Session::command_timeout`]; `None`: any time.
    #[must_use]
    pub fn command_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.command_timeout = Some(time.into());
        self
    }

    /// Opens a session.
    ///
    /// # Errors
    /// When the database is closed, or its schema contradicts itself.
    pub fn open(&self, database: &Database) -> Result<Session> {
        let session = database.session()?.isolation(self.isolation);
        Ok(match self.command_timeout {
            Some(time) => session.command_timeout(time),
            None => session,
        })
    }
}
