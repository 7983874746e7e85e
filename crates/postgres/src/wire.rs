//! A stream of the runtime's, which is read ahead.

use reprieve_core::driver::Stream;
use tokio::io::BufReader;

/// So much is read at once: whoever reads asks for little, and each time costs a call of the system.
const AHEAD: usize = 32 * 1024;

/// What leads to a server.
pub(crate) struct Wire(BufReader<Bare>);

impl Wire {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Self {
        Self(BufReader::with_capacity(AHEAD, Bare(stream)))
    }
}

/// A type of its own: a trait for `Box<dyn Stream>` would have to hold for streams of any lifetime.
struct Bare(Box<dyn Stream>);

/// Reads and writes by the stream inside.
macro_rules! forward {
    ($stream:ty) => {
        impl tokio::io::AsyncRead for $stream {
            fn poll_read(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
                into: &mut tokio::io::ReadBuf<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::pin::Pin::new(&mut self.0).poll_read(cx, into)
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
                std::pin::Pin::new(&mut self.0).poll_shutdown(cx)
            }
        }
    };
}

pub(crate) use forward;

forward!(Bare);
forward!(Wire);
