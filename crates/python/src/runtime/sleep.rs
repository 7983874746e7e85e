//! Waiting for a time, by the loop's own timer; in place, where the loop stands still, by the clock.

use crate::awaitable::{in_place, running_loop};
use pyo3::prelude::*;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

pub struct Sleep {
    duration: Duration,
    timer: Option<(Py<PyAny>, Arc<Alarm>)>,
    /// When it is over in place.
    over: Option<Instant>,
}

#[derive(Default)]
struct Alarm {
    rang: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

#[pyclass(frozen)]
struct Ring(Arc<Alarm>);

#[pymethods]
impl Ring {
    fn __call__(&self) {
        self.0.rang.store(true, Ordering::Release);
        let waker = self.0.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Sleep {
    pub fn new(duration: Duration) -> Self {
        Self { duration, timer: None, over: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if in_place::is_here() {
            let duration = self.duration;
            let over = *self.over.get_or_insert_with(|| Instant::now() + duration);
            if Instant::now() >= over {
                return Poll::Ready(());
            }
            in_place::poll_at(over);
            return Poll::Pending;
        }
        if self.timer.is_none() {
            let alarm = Arc::new(Alarm::default());
            let seconds = self.duration.as_secs_f64();
            let handle = Python::attach(|py| {
                let ring = Ring(alarm.clone());
                running_loop(py)?
                    .call_method1(pyo3::intern!(py, "call_later"), (seconds, ring))
                    .map(Bound::unbind)
            });
            match handle {
                Ok(handle) => self.timer = Some((handle, alarm)),
                // Without a running loop nobody polls; should it happen, the time is over rather than endless.
                Err(_) => return Poll::Ready(()),
            }
        }
        let Some((_, alarm)) = &self.timer else { return Poll::Ready(()) };
        *alarm.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(cx.waker().clone());
        if alarm.rang.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some((handle, _)) = self.timer.take() {
            // Without an interpreter there is no timer left to cancel.
            let _ = Python::try_attach(|py| {
                // A loop that ended meanwhile refuses, and makes no more calls.
                crate::errors::aside(py, || drop(handle.bind(py).call_method0("cancel")));
            });
        }
    }
}
