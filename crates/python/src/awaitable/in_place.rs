//! A future that is driven to its end where it is asked for, because an attribute is read, which nobody can await.
//!
//! Nearly always it is ready at the first poll. Else the thread, and its loop with it, stands still until the future's
//! own work is done: a job on another thread, which needs neither the interpreter nor the loop, more rows, or the
//! answer of a server, for which the loop's sockets are waited for without the loop. What others hold is not waited for, since they may be tasks of the loop that stands still; [`may_wait`] says so to the
//! engine, which then fails at once.

use super::running_loop;
use crate::errors;
use crate::runtime::drain;
use crate::runtime::home::Home;
use crate::runtime::stream::{self, Bell};
use pyo3::prelude::*;
use std::cell::{Cell, OnceCell, RefCell};
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// Between two looks at signals: control-C ends a long read.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Elsewhere,
    Here,
    /// Here, and something would have had to wait.
    Refused,
}

thread_local! {
    static PLACE: Cell<Place> = const { Cell::new(Place::Elsewhere) };
    /// When the future is to be polled again at the latest: the loop's timers stand still.
    static ALARM: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The home of the future that is driven here without a loop, once it was asked for.
    static HOME: RefCell<Option<OnceCell<Arc<Home>>>> = const { RefCell::new(None) };
}

/// Whether this thread drives a future in place.
pub fn is_here() -> bool {
    PLACE.get() != Place::Elsewhere
}

/// Whether a future may wait for what others hold.
pub fn may_wait() -> bool {
    if is_here() {
        PLACE.set(Place::Refused);
        return false;
    }
    true
}

/// Runs something that is no part of the future which this thread drives in place.
pub fn elsewhere<T>(work: impl FnOnce() -> T) -> T {
    let _back = Back(PLACE.replace(Place::Elsewhere));
    work()
}

/// Whether this thread drives a future in place without a loop.
pub fn is_without_loop() -> bool {
    HOME.with_borrow(Option::is_some)
}

/// The home of the future that is driven on this thread, where no loop runs that it could be part of.
pub fn home() -> Option<Arc<Home>> {
    HOME.with_borrow(|home| home.as_ref().map(|home| home.get_or_init(Home::without_loop).clone()))
}

/// The future that is driven here wants to be polled at this time.
pub fn poll_at(time: Instant) {
    ALARM.set(Some(ALARM.get().map_or(time, |alarm| alarm.min(time))));
}

struct Back(Place);

impl Drop for Back {
    fn drop(&mut self) {
        PLACE.set(self.0);
    }
}

/// How a future that was driven in place ended.
pub struct End {
    pub result: PyResult<Py<PyAny>>,
    /// Why it failed, if only for being driven here.
    pub refused: Option<Refused>,
}

/// Why a future cannot be driven where it is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It would have to wait for others.
    Wait,
    /// Its session is used elsewhere: a transaction is on a connection of its loop.
    Elsewhere,
}

/// Drives a future to its end.
pub fn drive(py: Python<'_>, future: impl Future<Output = PyResult<Py<PyAny>>> + Send) -> End {
    let back = Back(PLACE.replace(Place::Here));
    let lodging = Lodging::begin(py);
    let result = poll_to_end(py, future);
    // Whoever asked whether it may wait may have failed for another reason.
    let refused = result.as_ref().err().and_then(|error| match PLACE.get() {
        Place::Refused if errors::is_timeout(py, error) => Some(Refused::Wait),
        _ if is_without_loop() && errors::is_of_session(py, error) => Some(Refused::Elsewhere),
        _ => None,
    });
    drop(lodging);
    drop(back);
    End { result, refused }
}

/// Gives the future a home where no loop runs, for as long as it is driven.
struct Lodging(Option<OnceCell<Arc<Home>>>);

impl Lodging {
    fn begin(py: Python<'_>) -> Self {
        Self(HOME.replace(running_loop(py).is_err().then(OnceCell::new)))
    }
}

impl Drop for Lodging {
    fn drop(&mut self) {
        // What is dropped now may ask for the home.
        if let Some(home) = HOME.with_borrow(|home| home.as_ref()?.get().cloned()) {
            home.close();
        }
        drop(HOME.replace(self.0.take()));
    }
}

fn poll_to_end(
    py: Python<'_>,
    future: impl Future<Output = PyResult<Py<PyAny>>> + Send,
) -> PyResult<Py<PyAny>> {
    let parked = Arc::new(Parked {
        thread: std::thread::current(),
        woken: AtomicBool::new(false),
        bell: Mutex::new(None),
    });
    let waker = Waker::from(parked.clone());
    let mut future = pin!(future);
    loop {
        ALARM.set(None);
        let (polled, _) = drain::collect(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
        drain::serve_in_place(py);
        if let Poll::Ready(result) = polled {
            return result;
        }
        let alarm = ALARM.take();
        while !parked.woken.swap(false, Ordering::AcqRel) && alarm.is_none_or(|at| Instant::now() < at) {
            parked.wait(py, alarm)?;
            py.check_signals()?;
            drain::serve_in_place(py);
        }
    }
}

struct Parked {
    thread: Thread,
    woken: AtomicBool,
    /// Ends a wait for sockets.
    bell: Mutex<Option<Arc<Bell>>>,
}

impl Parked {
    /// Until something has happened, or it is time to look at signals.
    fn wait(&self, py: Python<'_>, alarm: Option<Instant>) -> PyResult<()> {
        let longest = alarm.map_or(LOOK, |at| at.saturating_duration_since(Instant::now()).min(LOOK));
        let sources = Home::here(py).map(|home| home.awaited_sources()).unwrap_or_default();
        if sources.is_empty() {
            py.detach(|| std::thread::park_timeout(longest));
            return Ok(());
        }
        let bell = self.bell()?;
        if !self.woken.load(Ordering::Acquire) {
            // The tasks of the sockets are queued, and polled by whoever waits here.
            for (source, ready) in py.detach(|| stream::wait(sources, &bell, Some(longest)))? {
                drain::collect(|| source.is_ready(ready));
            }
        }
        Ok(())
    }

    /// Made when it is first needed; from then on every wake rings it.
    fn bell(&self) -> io::Result<Arc<Bell>> {
        let mut slot = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = &*slot {
            return Ok(bell.clone());
        }
        Ok(slot.insert(Arc::new(Bell::new()?)).clone())
    }
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
        let bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = &*bell {
            bell.ring();
        }
    }
}
