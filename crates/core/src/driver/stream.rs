//! Streams of bytes that a runtime opens.

use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};

/// A stream to a server: the traits are tokio's, no reactor is assumed.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Looks at a stream that somebody else reads from.
pub trait Probe: Send + Sync {
    /// Whether nothing has arrived that was not read yet: no bytes, no end, no error. Costs a system call.
    fn is_quiet(&self) -> bool;
}

/// A stream that was opened.
pub struct Opened {
    /// The stream.
    pub stream: Box<dyn Stream>,
    /// Looks at it when its connection is idle: a server that went away has left its end there.
    pub probe: Arc<dyn Probe>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened")
    }
}
