//! Which task made the last call of a session.
//!
//! A call that waits for a server keeps the session, and a call of another task finds it taken. SQLite answers before
//! another task can run, so that tasks which share a session would work there and fail on a server. There the first call
//! of a task that takes over lets the loop run once before it begins, and keeps the session meanwhile: tasks that were
//! started together meet as they would on a server, and a task that was handed the session pays one turn of the loop.

use crate::awaitable::current_task::current;
use crate::awaitable::in_place;
use pyo3::prelude::*;
use pyo3::types::{PyWeakrefMethods, PyWeakrefReference};
use std::sync::{Mutex, PoisonError};

pub struct LastTask(Mutex<Option<Py<PyWeakrefReference>>>);

impl LastTask {
    /// The task that opens the session counts as the last one.
    pub fn opening(py: Python<'_>) -> Self {
        Self(Mutex::new(current(py).and_then(|task| reference(&task))))
    }

    /// Notes the task that calls; whether it takes over from another one.
    pub fn takes_over(&self, py: Python<'_>) -> bool {
        // An attribute that is read cannot let the loop run.
        if in_place::is_here() {
            return false;
        }
        let Some(task) = current(py) else { return false };
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|last| last.bind(py).upgrade().is_some_and(|last| last.is(&task))) {
            return false;
        }
        let other = std::mem::replace(&mut *last, reference(&task));
        drop((last, other));
        true
    }
}

fn reference(task: &Bound<'_, PyAny>) -> Option<Py<PyWeakrefReference>> {
    PyWeakrefReference::new(task).ok().map(Bound::unbind)
}
