//! One call of a verb: notices when its future is dropped before it is done.

use super::scope::Scope;
use super::{Session, State};
use reprieve_core::error::Result;
use std::ops::{Deref, DerefMut};

/// A verb under way. Dropped before [`Verb::finish`], because its caller was cancelled, it rolls the session's
/// transaction back at once.
pub(crate) struct Verb<'a> {
    session: &'a mut Session,
    finished: bool,
}

impl<'a> Verb<'a> {
    /// # Errors
    /// When the session cannot be used: closed, forked, its transaction was rolled back under the caller, or is open in
    /// another place.
    pub(crate) fn start(session: &'a mut Session) -> Result<Self> {
        session.check()?;
        session.database.inner.pool.check()?;
        if let State::Open(lease) = &session.state {
            lease.check_place()?;
        }
        // Models may be declared while a session lives.
        session.graph = session.database.inner.schema.graph()?;
        Ok(Self { session, finished: false })
    }

    /// [`Session::enter`]. Nothing of the verb has happened when that fails: what the transaction holds stays.
    pub(crate) async fn enter(&mut self) -> Result<Scope> {
        let entered = self.session.enter().await;
        self.finished = entered.is_err();
        entered
    }

    pub(crate) fn finish<T>(mut self, result: Result<T>) -> Result<T> {
        self.finished = true;
        result
    }
}

impl Deref for Verb<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for Verb<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}

impl Drop for Verb<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.session.abort("a call in it was cancelled");
        }
    }
}
