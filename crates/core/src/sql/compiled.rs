//! A statement as text, ready to be prepared.

use crate::query::Reach;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A compiled statement. Binds are given beside it, in the order of the placeholders.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// Unique in the process: the same number is the same text. Drivers key their prepared statements by it.
    pub id: u64,
    /// The text.
    pub sql: Arc<str>,
    /// How much work it may be.
    pub reach: Reach,
    /// Worth keeping prepared: it will come again.
    pub cached: bool,
}

impl Compiled {
    /// A statement that will come again.
    pub fn new(sql: impl Into<Arc<str>>, reach: Reach) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), sql: sql.into(), reach, cached: true }
    }

    /// A statement that is run once: DDL, a savepoint, a user's own SQL.
    pub fn once(sql: impl Into<Arc<str>>, reach: Reach) -> Self {
        Self { cached: false, ..Self::new(sql, reach) }
    }
}
