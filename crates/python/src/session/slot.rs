//! Where a session's engine part rests between calls.
//!
//! A call takes it out, and puts it back when it is done, or given up. A second call that finds the slot empty comes
//! from another task while the first is under way: an error, because the two would share one transaction.

use super::last_task::LastTask;
use super::past::{Block, Past};
use super::settings::Settings;
use super::undo::Before;
use crate::errors::raise;
use crate::model::ModelBase;
use crate::relation::{Key, Watchers};
use crate::runtime::Yield;
use crate::runtime::home::Home;
use crate::values::Timezone;
use pyo3::prelude::*;
use pyo3::types::PyWeakrefReference;
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::sql::Dialect;
use reprieve_engine::{Link, Session};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct Slot {
    session: Mutex<Option<Box<Session>>>,
    /// Of a session whose calls do not wait.
    last_task: Option<LastTask>,
    dialect: Dialect,
    settings: Settings,
    added: Mutex<Vec<Py<ModelBase>>>,
    changed: Mutex<Vec<Py<ModelBase>>>,
    links: Mutex<Vec<(Link, bool)>>,
    watchers: Mutex<Watchers>,
    past: Mutex<Past>,
    /// The scope that objects are noted in: those noted in it, or later, need no other note.
    scope: AtomicU32,
    /// Whether a block waits to be left whose transaction is over.
    over: AtomicBool,
    lives: AtomicU64,
    closed: AtomicBool,
    /// Whether a transaction was open after the last call.
    open: AtomicBool,
    /// The number of the loop in which it was opened; 0 is no loop.
    opened_in: AtomicU64,
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
    pub fn new(py: Python<'_>, session: Session, settings: Settings) -> Arc<Self> {
        let dialect = session.dialect();
        let waits = session.database().capability().remote;
        Arc::new(Self {
            last_task: (!waits).then(|| LastTask::opening(py)),
            session: Mutex::new(Some(Box::new(session))),
            dialect,
            settings,
            added: Mutex::default(),
            changed: Mutex::default(),
            links: Mutex::default(),
            watchers: Mutex::default(),
            past: Mutex::default(),
            scope: AtomicU32::new(Past::FIRST),
            over: AtomicBool::new(false),
            lives: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            open: AtomicBool::new(false),
            opened_in: AtomicU64::new(0),
        })
    }

    /// Shows the cycle collector the objects that wait to be written.
    pub fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        for objects in [&self.added, &self.changed] {
            if let Ok(objects) = objects.try_lock() {
                objects.iter().try_for_each(|object| visit.call(object))?;
            }
        }
        Ok(())
    }

    /// How its database wants its SQL.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The zone of its database, if that has one.
    pub fn timezone(&self) -> Option<&Timezone> {
        self.settings.timezone.as_ref()
    }

    /// What its database says of its sessions.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes the session for one call.
    pub async fn take(self: &Arc<Self>) -> PyResult<Work> {
        let work = self.take_for_the_last_task()?;
        if let Some(last) = &self.last_task
            && Python::attach(|py| last.takes_over(py))
        {
            Yield::default().await;
        }
        Ok(work)
    }

    /// The same for a call that follows others of its task.
    pub fn take_for_the_last_task(self: &Arc<Self>) -> PyResult<Work> {
        if self.over.load(Ordering::Relaxed) {
            let message = "The transaction of this block was ended inside it, by commit() or rollback(): leave the \
                           `async with` block before the session is used again";
            return Err(Python::attach(|py| raise(py, "SessionError", (message,))));
        }
        self.take_to_end()
    }

    /// The same for a call that ends the transaction.
    pub fn take_to_end(self: &Arc<Self>) -> PyResult<Work> {
        let session = lock(&self.session).take();
        self.work(session)
    }

    fn work(self: &Arc<Self>, session: Option<Box<Session>>) -> PyResult<Work> {
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

    /// Whether nothing waits to be written, as before nearly every call.
    pub fn is_flushed(&self) -> bool {
        lock(&self.changed).is_empty() && lock(&self.added).is_empty() && lock(&self.links).is_empty()
    }

    /// Notes an object whose row is to be inserted.
    pub fn add(&self, object: &Bound<'_, ModelBase>) {
        // One that is there already is inserted once.
        lock(&self.added).push(object.clone().unbind());
    }

    /// Puts objects back whose rows could not be inserted, before those that were added since.
    pub fn add_again(&self, objects: impl IntoIterator<Item = Py<ModelBase>>) {
        if !self.is_closed() {
            lock(&self.added).splice(0..0, objects);
        }
    }

    /// The objects whose rows are to be inserted.
    pub fn take_added(&self) -> Vec<Py<ModelBase>> {
        std::mem::take(&mut *lock(&self.added))
    }

    /// An object's row is inserted by another way.
    pub fn forget_added(&self, object: &Py<ModelBase>) {
        let (same, others) = self.take_added().into_iter().partition(|other| other.is(object));
        *lock(&self.added) = others;
        drop::<Vec<_>>(same);
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

    /// Forgets the rows to be inserted, the links to be written, and the objects that have nothing to be written any more.
    pub fn forget(&self, py: Python<'_>) {
        drop((self.take_added(), self.take_links()));
        for object in self.take_changed() {
            if object.bind(py).borrow().is_changed() {
                self.remember(object);
            }
        }
    }

    /// The scope that objects are noted in.
    pub fn scope(&self) -> u32 {
        self.scope.load(Ordering::Relaxed)
    }

    /// Adds a note of what is about to be changed; returns the number of the scope it belongs to.
    pub fn push(&self, py: Python<'_>, before: Before) -> u32 {
        let (serial, gone) = {
            let mut past = lock(&self.past);
            let gone = past.push(py, before);
            (past.serial(), gone)
        };
        // Their values may have destructors that use the session.
        drop(gone);
        serial
    }

    /// Begins a block; returns its id.
    pub fn enter(&self, savepoint: Option<usize>, guarded: bool) -> u32 {
        let id = lock(&self.past).enter(savepoint, guarded, self.scope());
        self.scope.store(id, Ordering::Relaxed);
        id
    }

    /// The open block with this id, and whether it is the innermost.
    pub fn block(&self, id: u32) -> Option<(Block, bool)> {
        lock(&self.past).block(id)
    }

    /// A block is left, whatever becomes of it: the session goes on.
    pub fn left(&self, id: u32) {
        let mut past = lock(&self.past);
        past.left(id);
        self.over.store(past.is_over(), Ordering::Relaxed);
    }

    /// A block was ended inside, and is yet to be left.
    pub fn wait_for(&self, block: Block) {
        let mut past = lock(&self.past);
        past.wait_for(block);
        self.over.store(past.is_over(), Ordering::Relaxed);
    }

    /// Ends the innermost block; what was done in it is part of what surrounds it.
    pub fn keep(&self, block: Block) {
        let (scope, known) = lock(&self.past).keep(block);
        self.scope.store(scope, Ordering::Relaxed);
        drop(known);
    }

    /// Ends a block, and puts back what objects held when it began.
    pub fn undo(&self, py: Python<'_>, block: Block) {
        let (scope, undone) = lock(&self.past).undo(block);
        self.scope.store(scope, Ordering::Relaxed);
        undone.into_iter().for_each(|before| before.put_back(py));
        self.forget(py);
    }

    /// The transaction was committed: there is no way back.
    pub fn settle(&self) {
        drop(self.end());
    }

    /// The transaction was rolled back: objects hold again what they held when it began.
    pub fn undo_all(&self, py: Python<'_>) {
        self.end().into_iter().for_each(|before| before.put_back(py));
        self.forget(py);
    }

    fn end(&self) -> Vec<Before> {
        let mut past = lock(&self.past);
        let (scope, noted) = past.end();
        self.scope.store(scope, Ordering::Relaxed);
        self.over.store(past.is_over(), Ordering::Relaxed);
        noted
    }

    /// Notes whether a transaction is open, and lets the loop know in which it was opened.
    fn note_transaction(self: &Arc<Self>, open: bool) {
        if self.open.load(Ordering::Relaxed) == open {
            return;
        }
        self.open.store(open, Ordering::Relaxed);
        let home =
            if open { Python::try_attach(|py| Home::of_running_loop(py).ok()).flatten() } else { None };
        self.opened_in.store(home.as_ref().map_or(0, |home| home.number), Ordering::Relaxed);
        if let Some(home) = home {
            home.add_session(self);
        }
    }

    /// The loop with this number is closed: a transaction that was opened in it is rolled back, and the session says so at
    /// its next use.
    pub fn lose_loop(&self, number: u64) {
        if self.opened_in.load(Ordering::Relaxed) != number {
            return;
        }
        // Without the lock, because a rollback wakes others.
        let session = lock(&self.session).take();
        let Some(mut session) = session else { return };
        session.abort("its event loop was closed");
        self.lives.store(session.lives(), Ordering::Relaxed);
        self.open.store(false, Ordering::Relaxed);
        if !self.is_closed() {
            *lock(&self.session) = Some(session);
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Ends the session: at once, or when the call that uses it is done.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        drop(lock(&self.session).take());
        drop(std::mem::take(&mut *lock(&self.watchers)));
        // Without an interpreter there are no objects.
        let _ = Python::try_attach(|py| self.undo_all(py));
        drop((self.take_added(), self.take_changed(), self.take_links()));
    }
}

impl Work {
    /// Where the session rests between calls.
    pub fn slot(&self) -> &Arc<Slot> {
        &self.slot
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
            self.slot.note_transaction(session.in_transaction());
        }
        if !self.slot.is_closed() {
            *lock(&self.slot.session) = self.session.take();
        }
    }
}
