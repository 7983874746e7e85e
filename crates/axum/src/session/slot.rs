//! Where a request's session is while nobody uses it.
//!
//! [`SessionLayer`](super::SessionLayer) puts the slot into the request's extensions and keeps a hold on it. The extractor takes
//! the session out, and its drop puts it back, so that what runs next in the request (a middleware, then the handler)
//! works in the same transaction. When the response is there, the layer closes the slot and ends what is in it.

use crate::{Error, Result};
use reprieve::{Database, Kind, SessionOptions};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Clone)]
pub(crate) struct Slot(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Whether what was written is committed whatever the response's status is.
    commits_anyway: AtomicBool,
}

#[derive(Debug)]
enum State {
    /// Nobody has asked for the session.
    Unopened(Database, SessionOptions),
    /// It waits for the next who asks, or for the end.
    Here(reprieve::Session),
    /// An extractor has it.
    Lent,
    /// [`Session::into_inner`](super::Session::into_inner) took it out of the request.
    GivenAway,
    /// The request is over. A session that comes back now is dropped, which rolls it back.
    Closed,
}

/// What the layer finds when the request is over.
#[derive(Debug)]
pub(super) enum Found {
    /// No session, or none of the layer's.
    Nothing,
    Session(reprieve::Session),
    /// An extractor has it still, beyond the handler's end.
    StillLent,
}

impl Slot {
    pub(super) fn new(database: Database, options: SessionOptions) -> Self {
        let state = Mutex::new(State::Unopened(database, options));
        Self(Arc::new(Shared { state, commits_anyway: AtomicBool::new(false) }))
    }

    fn change<T>(&self, change: impl FnOnce(State) -> (State, T)) -> T {
        // Nothing below panics half-way, so a poisoned state is a whole one.
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, result) = change(std::mem::replace(&mut *state, State::Closed));
        *state = next;
        result
    }

    /// # Errors
    /// When it is in use, was given away, or the request is over; or the database is closed.
    pub(crate) fn take(&self) -> Result<reprieve::Session> {
        self.change(|state| match state {
            State::Here(session) => (State::Lent, Ok(session)),
            State::Unopened(database, options) => match options.open(&database) {
                Ok(session) => (State::Lent, Ok(session)),
                Err(error) => (State::Unopened(database, options), Err(error.into())),
            },
            State::Lent => (State::Lent, Err(refused(IN_USE))),
            State::GivenAway => (State::GivenAway, Err(refused(GIVEN_AWAY))),
            State::Closed => (State::Closed, Err(refused(OVER))),
        })
    }

    pub(super) fn put_back(&self, session: reprieve::Session) {
        let late = self.change(|state| match state {
            State::Lent => (State::Here(session), None),
            state => (state, Some(session)),
        });
        // Rolls back, outside of the lock.
        drop(late);
    }

    pub(super) fn give_away(&self) {
        self.change(|state| match state {
            State::Lent => (State::GivenAway, ()),
            state => (state, ()),
        });
    }

    pub(super) fn commit_anyway(&self) {
        self.0.commits_anyway.store(true, Ordering::Relaxed);
    }

    pub(super) fn commits_anyway(&self) -> bool {
        self.0.commits_anyway.load(Ordering::Relaxed)
    }

    pub(super) fn close(&self) -> Found {
        self.change(|state| {
            let found = match state {
                State::Here(session) => Found::Session(session),
                State::Lent => Found::StillLent,
                State::Unopened(..) | State::GivenAway | State::Closed => Found::Nothing,
            };
            (State::Closed, found)
        })
    }
}

const IN_USE: &str = "The request's session is in use already: a handler takes it once and passes `&mut session` on; what \
                      extracts it before the handler has to drop it first";
const GIVEN_AWAY: &str =
    "The request's session was taken out of the request by into_inner(): ask the database for another";
const OVER: &str = "The request is over, and its session with it: ask the database for another";

fn refused(why: &'static str) -> Error {
    reprieve::Error::new(Kind::Session, why).into()
}
