//! Where a session's engine part rests between calls.
//!
//! A call takes it out, and puts it back when it is done, or given up. A second call that finds the slot empty comes
//! from another task while the first is under way: an error, because the two would share one transaction.

use crate::errors::raise;
use crate::model::ModelBase;
use crate::relation::{Key, Watchers};
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;
use reprieve_engine::{Link, Session};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct Slot {
    session: Mutex<Option<Box<Session>>>,
    changed: Mutex<Vec<Py<ModelBase>>>,
    links: Mutex<Vec<(Link, bool)>>,
    watchers: Mutex<Watchers>,
    lives: AtomicU64,
    closed: AtomicBool,
}

/// The engine's session, in use by one call.
pub struct Work {
    session: Option<Box<Session>>,
    slot: Arc<Slot>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    pub fn new(session: Session) -> Arc<Self> {
        let session = Mutex::new(Some(Box::new(session)));
        Arc::new(Self { session, ..Self::empty() })
    }

    fn empty() -> Self {
        Self {
            session: Mutex::default(),
            changed: Mutex::default(),
            links: Mutex::default(),
            watchers: Mutex::default(),
            lives: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Takes the session for one call.
    pub fn take(self: &Arc<Self>) -> PyResult<Work> {
        let session = lock(&self.session).take();
        if session.is_none() {
            let message = if self.is_closed() {
                "The session is closed: open a new one"
            } else {
                "The session is in use by another task: its calls would share one transaction. Await one call before \
                 the next, or give each task a session of its own"
            };
            return Err(Python::attach(|py| raise(py, "SessionError", (message,))));
        }
        Ok(Work { session, slot: self.clone() })
    }

    /// Notes an object whose changes are to be written.
    pub fn remember(&self, object: Py<ModelBase>) {
        if !self.is_closed() {
            lock(&self.changed).push(object);
        }
    }

    /// The objects whose changes are to be written.
    pub fn take_changed(&self) -> Vec<Py<ModelBase>> {
        std::mem::take(&mut *lock(&self.changed))
    }

    /// Notes that two rows are to be linked, or not any more.
    pub fn link(&self, link: Link, linked: bool) {
        if !self.is_closed() {
            lock(&self.links).push((link, linked));
        }
    }

    /// The links that are to be written or taken away, in order.
    pub fn take_links(&self) -> Vec<(Link, bool)> {
        std::mem::take(&mut *lock(&self.links))
    }

    /// Lets a loaded collection follow what the session does.
    pub fn watch(&self, of: ((u32, usize), Key), collection: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = collection.py();
        // Made first: the collector may run any code meanwhile.
        let collection = PyWeakrefReference::new(collection)?.unbind();
        lock(&self.watchers).add(py, of, collection);
        Ok(())
    }

    /// The loaded collections of the rows that belong to this key.
    pub fn watchers_of<'py>(&self, py: Python<'py>, of: &((u32, usize), Key)) -> Vec<Bound<'py, PyAny>> {
        lock(&self.watchers).of(py, of)
    }

    /// Whether any collection was loaded.
    pub fn is_watched(&self) -> bool {
        !lock(&self.watchers).is_empty()
    }

    /// A number that changes when rows were deleted, restored or rolled back in the session.
    pub fn lives(&self) -> u64 {
        self.lives.load(Ordering::Relaxed)
    }

    /// Forgets the objects whose changes, and the links, that are to be written.
    pub fn forget(&self) {
        drop(self.take_changed());
        drop(self.take_links());
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Ends the session: at once, or when the call that uses it is done.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(lock(&self.session).take());
        drop(std::mem::take(&mut *lock(&self.watchers)));
        self.forget();
    }
}

impl Deref for Work {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_deref().expect("a call holds the session until it is dropped")
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_deref_mut().expect("a call holds the session until it is dropped")
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            self.slot.lives.store(session.lives(), Ordering::Relaxed);
        }
        if !self.slot.is_closed() {
            *lock(&self.slot.session) = self.session.take();
        }
    }
}
