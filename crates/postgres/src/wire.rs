//! A stream of the runtime's, which is read ahead.

use crate::auth::Gate;
use reprieve_core::driver::Stream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, BufReader, ReadBuf};

/// So much is read at once: whoever reads asks for little, and each time costs a call of the system.
const AHEAD: usize = 32 * 1024;

/// What leads to a server.
pub(crate) struct Wire(BufReader<Bare>, Option<Box<Gate>>);

impl Wire {
    /// One whose server is watched until it has let the connection in.
    pub(crate) fn new(stream: Box<dyn Stream>, gate: Option<Gate>) -> Self {
        Self(BufReader::with_capacity(AHEAD, Bare(stream, false)), gate.map(Box::new))
    }

    /// One that is closed by the other side first: it is done when the other side hangs up.
    pub(crate) fn that_is_hung_up_on(stream: Box<dyn Stream>) -> Self {
        Self(BufReader::with_capacity(AHEAD, Bare(stream, true)), None)
    }

    fn arrived(&mut self, bytes: &[u8]) -> io::Result<()> {
        see(&mut self.1, bytes)
    }

    pub(crate) fn hangs_up_last(&self) -> bool {
        self.0.get_ref().1
    }
}

/// A type of its own: a trait for `Box<dyn Stream>` would have to hold for streams of any lifetime.
/// And whether the other side is to hang up first.
struct Bare(Box<dyn Stream>, bool);

impl Bare {
    /// Whoever stands above it has waited.
    fn hangs_up_last(&self) -> bool {
        false
    }

    /// Whoever stands above it looks.
    fn arrived(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// Shows what has arrived to a gate that is not passed yet.
pub(crate) fn see(gate: &mut Option<Box<Gate>>, bytes: &[u8]) -> io::Result<()> {
    let Some(watching) = gate else { return Ok(()) };
    watching.see(bytes)?;
    if watching.is_passed() {
        *gate = None;
    }
    Ok(())
}

/// Ready when the other side has hung up.
pub(crate) fn poll_end(mut stream: Pin<&mut (impl AsyncRead + ?Sized)>, cx: &mut Context<'_>) -> Poll<()> {
    loop {
        let mut bytes = [0; 64];
        let mut read = ReadBuf::new(&mut bytes);
        match ready!(stream.as_mut().poll_read(cx, &mut read)) {
            Ok(()) if !read.filled().is_empty() => {}
            _ => return Poll::Ready(()),
        }
    }
}

/// Reads and writes by the stream inside.
macro_rules! forward {
    ($stream:ty) => {
        impl tokio::io::AsyncRead for $stream {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                into: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                let before = into.filled().len();
                std::task::ready!(std::pin::Pin::new(&mut self.0).poll_read(cx, into))?;
                std::task::Poll::Ready(self.arrived(&into.filled()[before..]))
            }
        }

        impl tokio::io::AsyncWrite for $stream {
            fn poll_write(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                std::pin::Pin::new(&mut self.0).poll_write(cx, bytes)
            }

            fn poll_flush(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::pin::Pin::new(&mut self.0).poll_flush(cx)
            }

            fn poll_shutdown(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                if self.hangs_up_last() {
                    std::task::ready!(crate::wire::poll_end(self.as_mut(), cx));
                }
                std::pin::Pin::new(&mut self.0).poll_shutdown(cx)
            }
        }
    };
}

pub(crate) use forward;

forward!(Bare);
forward!(Wire);
