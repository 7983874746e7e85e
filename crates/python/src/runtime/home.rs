//! What belongs to one event loop: its number, its tasks, its streams, the transactions that were opened in it, and what
//! its coroutines wait for.
//!
//! A home is kept by its loop, as an attribute, and knows the loop by a weak reference: a loop that is freed takes its
//! tasks and streams along. A wait is held here and nowhere else, and holds the task that waits: so the cycle collector
//! sees that a loop without references, and all that waits in it, is garbage. Numbers are never used again, which the addresses of loops are.
//!
//! A future that is driven in place in a thread without a loop has a home of its own, for as long as it is driven.

use super::busy_poll::Others;
use super::drain;
use super::stream::{Awaited, Source, Watcher};
use super::task::Task;
use super::{fork_epoch, graveyard};
use crate::awaitable::wait::Wait;
use crate::awaitable::{in_place, running_loop};
use crate::errors;
use crate::session::Slot;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use pyo3::{PyTraverseError, PyVisit};
use reprieve_core::driver::BoxFuture;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

pub struct Home {
    /// Among all loops that there ever were; 0 is no loop.
    pub number: u64,
    /// The forks of this process when the loop came here: a child has no part in its parent's loops.
    epoch: u64,
    event_loop: Option<EventLoop>,
    gone: AtomicBool,
    /// Whether the loop has been asked to drain.
    pub(super) asked: AtomicBool,
    queues: Mutex<Queues>,
    tasks: Mutex<HashMap<usize, Arc<Task>>>,
    sources: Mutex<Vec<Weak<Source>>>,
    sessions: Mutex<Sessions>,
    watcher: OnceLock<Arc<Watcher>>,
    /// What coroutines of this loop wait for, by its address.
    waits: Mutex<HashMap<usize, Py<Wait>>>,
    /// Those of them that are over, noted by threads that may not have the interpreter any more.
    noted: Mutex<Vec<usize>>,
    /// Whether the loop will look for such notes.
    pub(super) looks: AtomicBool,
}

/// All homes of loops.
static ALL: Mutex<Vec<Weak<Home>>> = Mutex::new(Vec::new());

struct EventLoop {
    /// Where it is in memory, which tells whether it is the running one.
    address: usize,
    object: Py<PyWeakrefReference>,
    others: Others,
}

#[derive(Default)]
struct Queues {
    ready: VecDeque<Arc<Task>>,
    /// Tasks that woke themselves: they let the loop run first.
    later: Vec<Arc<Task>>,
}

/// The sessions that opened a transaction in a loop, by their address.
#[derive(Default)]
struct Sessions {
    known: HashMap<usize, Weak<Slot>>,
    /// How many may be known before those that are gone are forgotten.
    enough: usize,
}

/// Keeps a home as long as its loop.
#[pyclass(frozen)]
struct Kept(Arc<Home>);

#[pymethods]
impl Kept {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Ok(waits) = self.0.waits.try_lock() else { return Ok(()) };
        waits.values().try_for_each(|wait| visit.call(wait))
    }

    fn __clear__(&self) {
        drop(self.0.take_waits());
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let home = &self.0;
        let _ = Python::try_attach(|py| errors::aside(py, || home.close()));
    }
}

thread_local! {
    /// The home that was asked for last on this thread.
    static LAST: RefCell<Option<Arc<Home>>> = const { RefCell::new(None) };
}

impl Home {
    /// The home of whoever is polled on this thread: of the loop, or of the future that is driven in place without one.
    pub fn here(py: Python<'_>) -> PyResult<Arc<Self>> {
        Self::of_running_loop(py).or_else(|error| in_place::home().ok_or(error))
    }

    /// The home of the loop that runs on this thread.
    pub fn of_running_loop(py: Python<'_>) -> PyResult<Arc<Self>> {
        let event_loop = running_loop(py)?;
        let address = event_loop.as_ptr() as usize;
        let last = LAST.with_borrow(|last| last.clone().filter(|home| home.is_at(address)));
        if let Some(home) = last.filter(|home| home.is_here_to_stay()) {
            return Ok(home);
        }
        let home = Self::kept(&event_loop)?;
        // What was there before is dropped when nothing is borrowed any more.
        drop(LAST.replace(Some(home.clone())));
        Ok(home)
    }

    fn kept(event_loop: &Bound<'_, PyAny>) -> PyResult<Arc<Self>> {
        let py = event_loop.py();
        let name = pyo3::intern!(py, "_reprieve_home");
        if let Ok(kept) = event_loop.getattr(name)
            && let Ok(kept) = kept.cast::<Kept>()
            && kept.get().0.is_here_to_stay()
        {
            return Ok(kept.get().0.clone());
        }
        graveyard::find(py);
        graveyard::clear();
        let home = Self::new(Some(EventLoop {
            address: event_loop.as_ptr() as usize,
            object: PyWeakrefReference::new(event_loop)?.unbind(),
            others: Others::of(event_loop),
        }));
        let mut all = lock(&ALL);
        all.retain(|home| home.strong_count() > 0);
        all.push(Arc::downgrade(&home));
        drop(all);
        event_loop.setattr(name, Kept(home.clone()))?;
        Ok(home)
    }

    /// A home without a loop, which whoever makes it serves and closes.
    pub fn without_loop() -> Arc<Self> {
        Self::new(None)
    }

    fn new(event_loop: Option<EventLoop>) -> Arc<Self> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        Arc::new(Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            epoch: fork_epoch(),
            event_loop,
            gone: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            queues: Mutex::default(),
            tasks: Mutex::default(),
            sources: Mutex::default(),
            sessions: Mutex::default(),
            watcher: OnceLock::new(),
            waits: Mutex::default(),
            noted: Mutex::default(),
            looks: AtomicBool::new(false),
        })
    }

    /// The homes of all loops that may run.
    pub(super) fn all() -> Vec<Arc<Self>> {
        let all: Vec<_> = lock(&ALL).iter().filter_map(Weak::upgrade).collect();
        all.into_iter().filter(|home| home.is_here_to_stay()).collect()
    }

    /// Whether its loop, if it has one, is at this address.
    fn is_at(&self, address: usize) -> bool {
        self.event_loop.as_ref().is_some_and(|event_loop| event_loop.address == address)
    }

    pub fn has_loop(&self) -> bool {
        self.event_loop.is_some()
    }

    /// Whether its tasks may be polled on this thread now.
    pub(super) fn is_served_here(&self, py: Python<'_>) -> bool {
        match self.has_loop() {
            true => self.running(py).is_some(),
            false => in_place::home().is_some_and(|home| home.number == self.number),
        }
    }

    /// Whether this process may still touch the loop.
    pub fn is_here_to_stay(&self) -> bool {
        !self.gone.load(Ordering::Acquire) && self.is_of_this_process()
    }

    /// Whether the loop was made in this process, not in its parent.
    pub fn is_of_this_process(&self) -> bool {
        self.epoch == fork_epoch()
    }

    /// The loop, when it runs on this thread.
    pub fn running<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        let event_loop = running_loop(py).ok()?;
        (self.is_here_to_stay() && self.is_at(event_loop.as_ptr() as usize)).then_some(event_loop)
    }

    /// The loop, wherever it runs.
    pub fn event_loop<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        if !self.is_here_to_stay() {
            return None;
        }
        self.event_loop.as_ref()?.object.bind(py).upgrade()
    }

    /// What is known of the other work of the loop.
    pub(super) fn others(&self) -> Option<&Others> {
        self.event_loop.as_ref().map(|event_loop| &event_loop.others)
    }

    /// Takes a task in, to be polled soon.
    pub fn spawn(self: &Arc<Self>, future: BoxFuture<'static, ()>) {
        let task = Task::new(self.clone(), future);
        lock(&self.tasks).insert(Arc::as_ptr(&task) as usize, task.clone());
        task.wake_first();
    }

    /// A task that is done.
    pub(super) fn forget(&self, task: &Arc<Task>) {
        let task = lock(&self.tasks).remove(&(Arc::as_ptr(task) as usize));
        drop(task);
    }

    /// Queues a task, and sees to it that somebody will poll it.
    pub(super) fn push(self: &Arc<Self>, task: Arc<Task>, later: bool) {
        if !self.is_here_to_stay() {
            return;
        }
        let mut queues = lock(&self.queues);
        if later {
            queues.later.push(task);
        } else {
            queues.ready.push_back(task);
        }
        drop(queues);
        drain::call_for(self, later);
    }

    /// The next task to be polled.
    pub(super) fn pop(&self) -> Option<Arc<Task>> {
        lock(&self.queues).ready.pop_front()
    }

    /// The loop has run: it is the turn of those who let it.
    pub(super) fn begin_turn(&self) {
        let mut queues = lock(&self.queues);
        let later = std::mem::take(&mut queues.later);
        queues.ready.extend(later);
    }

    /// Remembers a stream.
    pub(super) fn add_source(&self, source: &Arc<Source>) {
        let mut sources = lock(&self.sources);
        sources.retain(|source| source.strong_count() > 0);
        sources.push(Arc::downgrade(source));
    }

    /// Remembers a session that opened a transaction here.
    pub fn add_session(&self, session: &Arc<Slot>) {
        let mut sessions = lock(&self.sessions);
        if sessions.known.len() >= sessions.enough {
            sessions.known.retain(|_, session| session.strong_count() > 0);
            sessions.enough = 64.max(2 * sessions.known.len());
        }
        // No other session can come to its address while the weak reference is there.
        sessions.known.insert(Arc::as_ptr(session) as usize, Arc::downgrade(session));
    }

    /// The streams that somebody waits for.
    pub fn awaited_sources(&self) -> Vec<(Arc<Source>, Awaited)> {
        let sources: Vec<_> = lock(&self.sources).iter().filter_map(Weak::upgrade).collect();
        sources.into_iter().filter_map(|source| source.awaited().map(|awaited| (source, awaited))).collect()
    }

    /// The only stream that an answer is on its way for, and until when it is to be expected.
    pub(super) fn due(&self, within: Duration) -> Option<(Arc<Source>, Instant)> {
        let sources = lock(&self.sources);
        let mut due = sources.iter().filter_map(|source| {
            let source = source.upgrade()?;
            let end = source.due(within)?;
            Some((source, end))
        });
        due.next().filter(|_| due.next().is_none())
    }

    /// Holds what a coroutine waits for, until it is over or given up; returns by what to find it.
    pub fn hold_wait(&self, wait: Py<Wait>) -> usize {
        let address = wait.as_ptr() as usize;
        let other = lock(&self.waits).insert(address, wait);
        // It cannot be there already: it lives for as long as it is.
        drop(other);
        address
    }

    /// Lets go of what a coroutine waited for.
    pub fn take_wait(&self, address: usize) -> Option<Py<Wait>> {
        lock(&self.waits).remove(&address)
    }

    /// Notes, without the interpreter, that something is over: the loop looks for such notes.
    pub fn note_wait(&self, address: usize) {
        lock(&self.noted).push(address);
    }

    pub(super) fn take_noted_waits(&self) -> Vec<Py<Wait>> {
        let noted = std::mem::take(&mut *lock(&self.noted));
        noted.into_iter().filter_map(|address| self.take_wait(address)).collect()
    }

    fn take_waits(&self) -> HashMap<usize, Py<Wait>> {
        std::mem::take(&mut *lock(&self.waits))
    }

    /// Whether a coroutine waits.
    pub(super) fn is_waited_for(&self) -> bool {
        !lock(&self.waits).is_empty()
    }

    /// The thread that watches the streams, where the loop cannot.
    pub fn watcher(&self) -> &OnceLock<Arc<Watcher>> {
        &self.watcher
    }

    /// The loop will not run again: what it would have done is dropped.
    pub fn close(&self) {
        self.gone.store(true, Ordering::Release);
        let tasks = std::mem::take(&mut *lock(&self.tasks));
        let queues = std::mem::take(&mut *lock(&self.queues));
        for task in tasks.values() {
            task.give_up();
        }
        drop(queues);
        let waits = self.take_waits();
        if self.is_of_this_process() {
            waits.values().for_each(|wait| wait.get().give_up());
            // After the calls that had them in use.
            let sessions = std::mem::take(&mut lock(&self.sessions).known);
            sessions.values().filter_map(Weak::upgrade).for_each(|session| session.lose_loop(self.number));
        } else {
            // Of the parent's loop: to end its tasks here would undo, on its connections, what they are doing.
            std::mem::forget(waits);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
