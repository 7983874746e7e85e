//! What the engine's futures need from tokio.

mod stream;

use reprieve_core::driver::{BoxFuture, Endpoint, Opened, Runtime};
use std::io;
use std::time::Duration;

/// The tokio runtime that polls the engine's futures.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tokio;

impl Runtime for Tokio {
    fn spawn_blocking(&self, job: Box<dyn FnOnce() + Send>) {
        match tokio::runtime::Handle::try_current() {
            Ok(handle) => drop(handle.spawn_blocking(job)),
            // Polled, or dropped, outside of the runtime: the job has to be run all the same.
            Err(_) => drop(std::thread::spawn(job)),
        }
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // The timer is made when it is first polled, which is inside the runtime.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }

    fn yield_now(&self) -> BoxFuture<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        match tokio::runtime::Handle::try_current() {
            Ok(handle) => drop(handle.spawn(task)),
            // Outside of a runtime nothing can be driven: what the task holds is closed.
            Err(_) => drop(task),
        }
    }

    fn open(&self, endpoint: Endpoint) -> BoxFuture<'static, io::Result<Opened>> {
        Box::pin(stream::open(endpoint))
    }

    /// Forking a process in which a tokio runtime lives, without `exec`, is not sound, and needs `unsafe`; asking the system for
    /// the process at every statement would cost more than a read by key.
    fn process_epoch(&self) -> u64 {
        0
    }
}
