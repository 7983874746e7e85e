//! What a pool may hold.

use std::time::Duration;

/// What a pool may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections kept open.
    pub(crate) size: usize,
    /// Connections opened beyond that under load.
    pub(crate) overflow: usize,
    /// How long to wait for a free one.
    pub(crate) timeout: Duration,
    /// How long a writer waits for its turn, where one writes at a time.
    pub(crate) writer_timeout: Duration,
    /// After how long a connection to a server is replaced by a fresh one.
    pub(crate) recycle: Option<Duration>,
    /// Whether a connection that nobody used for a while is asked whether it is still there.
    pub(crate) pre_ping: bool,
}
