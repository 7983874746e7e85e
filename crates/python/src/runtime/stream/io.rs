//! Reading and writing by way of a source, as tokio's traits have it.

use super::source::Source;
use reprieve_core::driver::Probe;
use std::io::{ErrorKind, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket of an event loop. Dropped, the loop forgets it.
pub(super) struct Socketed(pub(super) Arc<Source>);

impl AsyncRead for Socketed {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let read = ready!(self.0.poll_read(cx, into.initialize_unfilled()))?;
        into.advance(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socketed {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        if !self.0.is_of_this_process() {
            // The parent goes on using it.
            return Poll::Ready(Ok(()));
        }
        match self.0.socket().shutdown(std::net::Shutdown::Write) {
            // The other side was faster.
            Err(error) if error.kind() == ErrorKind::NotConnected => Poll::Ready(Ok(())),
            done => Poll::Ready(done),
        }
    }
}

impl Drop for Socketed {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Looks at a socket that somebody else reads from.
pub(super) struct Peek(pub Arc<Source>);

impl Probe for Peek {
    fn is_quiet(&self) -> bool {
        self.0.is_quiet()
    }
}
