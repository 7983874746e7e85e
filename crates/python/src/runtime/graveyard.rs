//! Homes of loops that turned out to be closed. A wake finds that out, and a wake must not drop what a task holds: it
//! may come from within it. So they are put here, and dropped when the next loop asks.

use super::home::Home;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

static HOMES: Mutex<Vec<Arc<Home>>> = Mutex::new(Vec::new());
static ANY: AtomicBool = AtomicBool::new(false);

/// The loop of this home is closed.
pub fn bury(home: &Arc<Home>) {
    HOMES.lock().unwrap_or_else(PoisonError::into_inner).push(home.clone());
    ANY.store(true, Ordering::Release);
}

/// Drops the tasks and the streams of closed loops.
pub fn clear() {
    if ANY.swap(false, Ordering::AcqRel) {
        let homes = std::mem::take(&mut *HOMES.lock().unwrap_or_else(PoisonError::into_inner));
        for home in homes {
            home.close();
        }
    }
}
