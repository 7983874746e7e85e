//! Reading and writing by way of a source, as tokio's traits have it.

use super::source::Source;
use reprieve_core::driver::Probe;
use std::io::{ErrorKind, Result};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So much is read at once: whoever reads asks for little, and each time costs a call of the system.
const AHEAD: usize = 32 * 1024;

/// A socket of an event loop. Dropped, the loop forgets it.
pub(super) struct Socketed {
    source: Arc<Source>,
    /// What was read and not yet asked for: that part of the bytes.
    ahead: Box<[u8]>,
    unread: Range<usize>,
}

impl Socketed {
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source, ahead: vec![0; AHEAD].into(), unread: 0..0 }
    }
}

impl AsyncRead for Socketed {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let Self { source, ahead, unread } = &mut *self;
        if unread.start == unread.end {
            *unread = 0..ready!(source.poll_read(cx, ahead))?;
        }
        let taken = (unread.end - unread.start).min(into.remaining());
        into.put_slice(&ahead[unread.start..unread.start + taken]);
        unread.start += taken;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socketed {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.source.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        if !self.source.is_of_this_process() {
            // The parent goes on using it.
            return Poll::Ready(Ok(()));
        }
        match self.source.socket().shutdown(std::net::Shutdown::Write) {
            // The other side was faster.
            Err(error) if error.kind() == ErrorKind::NotConnected => Poll::Ready(Ok(())),
            done => Poll::Ready(done),
        }
    }
}

impl Drop for Socketed {
    fn drop(&mut self) {
        self.source.leave();
    }
}

/// Looks at a socket that somebody else reads from.
pub(super) struct Peek(pub Arc<Source>);

impl Probe for Peek {
    fn is_quiet(&self) -> bool {
        let look = self.0.socket().peek(&mut [MaybeUninit::uninit()]);
        look.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}
