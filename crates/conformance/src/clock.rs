//! A clock that tests know the time of.

use reprieve_core::value::Timestamp;
use reprieve_engine::Clock;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

const START: i64 = 1_761_129_000_000_000;
const SECOND: i64 = 1_000_000;

/// Each reading is a second after the one before: two readings in one operation show as two instants.
#[derive(Debug)]
pub struct Ticking(AtomicI64);

impl Default for Ticking {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl Ticking {
    /// The instant that the next reading will be.
    pub fn next(&self) -> Timestamp {
        Timestamp::from_microseconds(self.0.load(SeqCst))
    }
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_microseconds(self.0.fetch_add(SECOND, SeqCst))
    }
}
