//! The coroutine object that every verb returns.
//!
//! It polls its future when it is sent to. A future that is ready at once costs no trip through the loop:
//! `StopIteration(value)` comes straight back (unless the loop has not run for a while, see `turn`). A pending one yields what the waker ends.
//! Thrown into, as a cancelled task does, it drops the future, which undoes what was under way.

use super::turn;
use super::waker::{LoopWaker, Suspension, in_one_loop};
use crate::errors;
use crate::runtime::{busy_poll, drain, graveyard};
use pyo3::exceptions::{PyRuntimeError, PyRuntimeWarning, PyStopIteration};
use pyo3::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// What a verb does, as a future of a Python object.
pub type PyFuture = Pin<Box<dyn Future<Output = PyResult<Py<PyAny>>> + Send>>;

// The collector does not see into its future: what a verb holds while it is under way is in use.
#[doc = text!("Coroutine")]
#[pyclass(module = "fastapi_orm._engine", weakref)]
pub struct Coroutine {
    name: &'static str,
    future: Option<Mutex<PyFuture>>,
    started: bool,
    waker: Option<Arc<LoopWaker>>,
}

/// Makes a future `Sync`, which a Python object must be; it is only reached through `&mut`.
struct Mutex<T>(std::sync::Mutex<T>);

impl Mutex<PyFuture> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<PyResult<Py<PyAny>>> {
        let future = self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        future.as_mut().poll(cx)
    }
}

impl Coroutine {
    /// A coroutine of that name, which runs the future when it is awaited.
    pub fn new<F>(name: &'static str, future: F) -> Self
    where
        F: Future<Output = PyResult<Py<PyAny>>> + Send + 'static,
    {
        Self {
            name,
            future: Some(Mutex(std::sync::Mutex::new(Box::pin(future)))),
            started: false,
            waker: None,
        }
    }

    /// A coroutine that raises when it is awaited.
    pub fn failed(name: &'static str, error: PyErr) -> Self {
        Self::new(name, std::future::ready(Err(error)))
    }

    /// From what a verb prepared: an error of the preparation is raised when it is awaited, as in a coroutine.
    pub fn from_result<F>(name: &'static str, future: PyResult<F>) -> Self
    where
        F: Future<Output = PyResult<Py<PyAny>>> + Send + 'static,
    {
        match future {
            Ok(future) => Self::new(name, future),
            Err(error) => Self::failed(name, error),
        }
    }

    /// One step. `Ok(object)` is to be yielded.
    pub fn step(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        in_one_loop(|| self.poll(py))
    }

    fn warn(&self, py: Python<'_>) {
        let message = std::ffi::CString::new(format!("coroutine '{}' was never awaited", self.name));
        let message = message.unwrap_or_default();
        PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &message, 1)
            .unwrap_or_else(|error| error.write_unraisable(py, None));
    }

    fn poll(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Some(future) = &mut self.future else {
            return Err(PyRuntimeError::new_err(format!(
                "cannot reuse already awaited coroutine '{}'",
                self.name
            )));
        };
        if !self.started {
            self.started = true;
            graveyard::clear();
            if turn::is_over(py) {
                return Ok(py.None());
            }
        }
        let waker = self.waker.get_or_insert_with(LoopWaker::new).clone();
        match poll_while_woken(py, future, &waker) {
            Poll::Ready(result) => {
                self.future = None;
                self.waker = None;
                Err(match result {
                    Ok(value) => PyStopIteration::new_err((value,)),
                    Err(error) => error,
                })
            }
            Poll::Pending => match waker.suspend(py)? {
                Suspension::Awake => Ok(py.None()),
                Suspension::Waits(wait) => {
                    turn::end();
                    Ok(wait)
                }
            },
        }
    }
}

/// How long a coroutine whose answers are there already may keep the loop.
const SLICE: Duration = Duration::from_micros(2500);

/// Polls, and again while the tasks of the loop have an answer for it: it may have come with the last one.
fn poll_while_woken(
    py: Python<'_>,
    future: &mut Mutex<PyFuture>,
    waker: &Arc<LoopWaker>,
) -> Poll<PyResult<Py<PyAny>>> {
    let task = Waker::from(waker.clone());
    let mut begun = None;
    loop {
        waker.arm();
        let (polled, called) = drain::collect(|| future.poll(&mut Context::from_waker(&task)));
        // It woke itself: that is how it lets the loop run.
        let yields = waker.is_woken();
        if called {
            drain::serve(py);
        }
        if polled.is_ready() || yields {
            return polled;
        }
        let answered = waker.is_woken() || (busy_poll::wait(py) && waker.is_woken());
        if !answered {
            return polled;
        }
        if begun.get_or_insert_with(Instant::now).elapsed() > SLICE {
            return polled;
        }
    }
}

#[pymethods]
impl Coroutine {
    fn __await__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&mut self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.step(py)
    }

    fn send(&mut self, py: Python<'_>, value: Py<PyAny>) -> PyResult<Py<PyAny>> {
        drop(value);
        self.step(py)
    }

    #[pyo3(signature = (kind, value=None, traceback=None))]
    fn throw(
        &mut self,
        kind: Bound<'_, PyAny>,
        value: Option<Bound<'_, PyAny>>,
        traceback: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        self.close();
        drop(traceback);
        let error = match value {
            Some(value) if !value.is_none() => PyErr::from_value(value),
            _ => PyErr::from_value(kind),
        };
        Err(error)
    }

    /// Gives up: what was under way is undone.
    fn close(&mut self) {
        self.started = true;
        self.future = None;
        self.waker = None;
    }

    fn __repr__(&self) -> String {
        format!("<coroutine {}>", self.name)
    }

    #[getter]
    fn __name__(&self) -> &'static str {
        self.name
    }
}

impl Drop for Coroutine {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else { return };
        let is_unused = !self.started;
        // Without an interpreter there is nobody left to warn.
        let _ = Python::try_attach(|py| {
            errors::aside(py, || {
                if is_unused {
                    self.warn(py);
                }
                // It undoes what was under way.
                drop(future);
            });
        });
    }
}
