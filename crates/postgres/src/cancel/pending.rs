//! The requests to cancel that are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Counts the requests of a driver that are under way.
#[derive(Default)]
pub(crate) struct Pending {
    count: AtomicUsize,
    none: Notify,
}

/// One request under way. Dropping it ends the request, whether it was sent or not.
pub(crate) struct Request(Arc<Pending>);

impl Pending {
    pub(crate) fn begin(self: &Arc<Self>) -> Request {
        self.count.fetch_add(1, Ordering::AcqRel);
        Request(self.clone())
    }

    /// Waits until no request is under way.
    pub(crate) async fn wait(&self) {
        loop {
            // Made before the count is read, so that the notification in between is not missed.
            let none = self.none.notified();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            none.await;
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none.notify_waiters();
        }
    }
}
