//! A thread that waits for sockets, for event loops that cannot watch them (the proactor of Windows).
//!
//! It is started with the first socket that is waited for and ends when none is. What it sees it tells once, through
//! `call_soon_threadsafe`: the next read that would wait asks again.

use super::poll::{Bell, wait};
use super::source::{Awaited, Source};
use super::watch::{Direction, Ready};
use crate::awaitable::ending;
use crate::runtime::home::Home;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::io::Result;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub struct Watcher {
    bell: Bell,
    watched: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    sources: HashMap<usize, (Arc<Source>, Awaited)>,
    is_running: bool,
}

impl Watcher {
    pub(super) fn new() -> Result<Arc<Self>> {
        Ok(Arc::new(Self { bell: Bell::new()?, watched: Mutex::default() }))
    }

    /// Watches until it has been seen once.
    pub(super) fn watch(self: &Arc<Self>, source: &Arc<Source>, direction: Direction) -> Result<()> {
        let mut watched = self.watched();
        let none = Awaited { read: false, write: false };
        let (_, awaited) = watched.sources.entry(key(source)).or_insert_with(|| (source.clone(), none));
        match direction {
            Direction::Read => awaited.read = true,
            Direction::Write => awaited.write = true,
        }
        if watched.is_running {
            self.bell.ring();
            return Ok(());
        }
        let watcher = self.clone();
        std::thread::Builder::new().name("reprieve-sockets".into()).spawn(move || watcher.run())?;
        watched.is_running = true;
        Ok(())
    }

    /// Forgets a socket.
    pub(super) fn leave(&self, source: &Arc<Source>) {
        let left = self.watched().sources.remove(&key(source));
        if left.is_some() {
            self.bell.ring();
        }
    }

    fn run(&self) {
        ending::begin_thread();
        loop {
            let sources: Vec<_> = {
                let mut watched = self.watched();
                if watched.sources.is_empty() {
                    watched.is_running = false;
                    return;
                }
                watched.sources.values().cloned().collect()
            };
            let Ok(seen) = wait(sources, &self.bell, None) else {
                // The system refuses to wait: whoever reads finds out why.
                self.tell(std::mem::take(&mut self.watched().sources).into_values().collect());
                continue;
            };
            let mut watched = self.watched();
            for (source, ready) in &seen {
                if let Some((_, awaited)) = watched.sources.get_mut(&key(source)) {
                    awaited.read &= !ready.read;
                    awaited.write &= !ready.write;
                    if !awaited.read && !awaited.write {
                        watched.sources.remove(&key(source));
                    }
                }
            }
            drop(watched);
            self.tell(seen);
        }
    }

    /// Tells the loops what was seen.
    fn tell(&self, seen: Vec<(Arc<Source>, Awaited)>) {
        if seen.is_empty() {
            return;
        }
        let told = ending::unless_ending(|py| {
            for (source, ready) in &seen {
                let home = source.home().clone();
                for (is_ready, direction) in [(ready.read, Direction::Read), (ready.write, Direction::Write)]
                {
                    if is_ready && call(py, &home, Ready::once(source.clone(), direction)).is_err() {
                        // The loop is closed: nobody waits any more.
                        self.watched().sources.remove(&key(source));
                    }
                }
            }
        });
        if !told {
            // The loop looks for what this makes ready.
            for (source, ready) in seen {
                source.is_ready(ready);
            }
        }
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn call(py: Python<'_>, home: &Arc<Home>, ready: Ready) -> PyResult<()> {
    match home.event_loop(py) {
        Some(event_loop) => {
            event_loop.call_method1(pyo3::intern!(py, "call_soon_threadsafe"), (ready,)).map(drop)
        }
        None => Err(pyo3::exceptions::PyRuntimeError::new_err("the event loop is gone")),
    }
}

fn key(source: &Arc<Source>) -> usize {
    Arc::as_ptr(source) as usize
}
