//! A task of an event loop. Waking it only queues it: whoever wakes may hold a lock that the task will ask for.

use super::home::Home;
use reprieve_core::driver::BoxFuture;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::task::{Context, Poll, Wake, Waker};

pub struct Task {
    home: Arc<Home>,
    /// None when it is done, or was given up.
    future: Mutex<Option<BoxFuture<'static, ()>>>,
    queued: AtomicBool,
}

thread_local! {
    /// The task that this thread polls.
    static POLLED: Cell<*const Task> = const { Cell::new(std::ptr::null()) };
}

impl Task {
    pub(super) fn new(home: Arc<Home>, future: BoxFuture<'static, ()>) -> Arc<Self> {
        Arc::new(Self { home, future: Mutex::new(Some(future)), queued: AtomicBool::new(false) })
    }

    /// Queues it for its first poll.
    pub(super) fn wake_first(self: &Arc<Self>) {
        self.wake_by_ref();
    }

    /// Polls it once. On the loop's thread only.
    pub(super) fn poll(self: &Arc<Self>) {
        self.queued.store(false, Ordering::Release);
        let mut slot = match self.future.try_lock() {
            Ok(slot) => slot,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Polled within its own poll: once more, when that is over.
            Err(TryLockError::WouldBlock) => {
                if !self.queued.swap(true, Ordering::AcqRel) {
                    self.home.push(self.clone(), true);
                }
                return;
            }
        };
        let Some(future) = slot.as_mut() else { return };
        let waker = Waker::from(self.clone());
        let before = POLLED.replace(Arc::as_ptr(self));
        // A task that panics is a connection that ends; the loop goes on.
        let polled =
            catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut Context::from_waker(&waker))));
        POLLED.set(before);
        let is_over = !matches!(polled, Ok(Poll::Pending)) || !self.home.is_here_to_stay();
        if is_over {
            let future = slot.take();
            drop(slot);
            drop_quietly(future);
            self.home.forget(self);
        }
    }

    /// Drops what it holds, unless it is being polled.
    pub(super) fn give_up(&self) {
        let future = match self.future.try_lock() {
            Ok(mut slot) => slot.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        drop_quietly(future);
    }
}

fn drop_quietly(future: Option<BoxFuture<'static, ()>>) {
    drop(catch_unwind(AssertUnwindSafe(|| drop(future))));
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            let wakes_itself = POLLED.get() == Arc::as_ptr(self);
            self.home.push(self.clone(), wakes_itself);
        }
    }
}
