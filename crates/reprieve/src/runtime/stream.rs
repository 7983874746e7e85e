//! Streams of tokio's own.

use reprieve_core::driver::{Endpoint, Opened, Probe};
use socket2::{SockRef, TcpKeepalive};
use std::io::{self, ErrorKind, Read};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

pub(super) async fn open(endpoint: Endpoint) -> io::Result<Opened> {
    match endpoint {
        Endpoint::Tcp { host, port, keepalive } => {
            let stream = TcpStream::connect((host.as_str(), port)).await?;
            stream.set_nodelay(true)?;
            if let Some(after) = keepalive {
                SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(after))?;
            }
            Ok(opened(stream))
        }
        #[cfg(unix)]
        Endpoint::Unix(path) => Ok(opened(UnixStream::connect(path).await?)),
        #[cfg(not(unix))]
        Endpoint::Unix(path) => Err(io::Error::new(
            ErrorKind::Unsupported,
            format!("{}: this system has no sockets in its files", path.display()),
        )),
    }
}

fn opened<S: Socket>(socket: S) -> Opened {
    let socket = Arc::new(socket);
    Opened { stream: Box::new(Shared(socket.clone())), probe: Arc::new(Shared(socket)) }
}

/// A socket that is read and written by one, and looked at by another.
struct Shared<S>(Arc<S>);

/// What sockets of tokio have in common.
trait Socket: Send + Sync + 'static {
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
    fn read(&self, into: &mut [u8]) -> io::Result<usize>;
    fn write(&self, bytes: &[u8]) -> io::Result<usize>;
    fn socket(&self) -> SockRef<'_>;
}

macro_rules! socket {
    ($($socket:ty),*) => {
        $(impl Socket for $socket {
            fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.poll_read_ready(cx)
            }

            fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                self.poll_write_ready(cx)
            }

            fn read(&self, into: &mut [u8]) -> io::Result<usize> {
                let mut last = None;
                let read = self.try_io(Interest::READABLE, || {
                    let read = (&*self.socket()).read(into)?;
                    // Less than there was room for: that was all, which saves asking once more.
                    if cfg!(unix) && read > 0 && read < into.len() {
                        last = Some(read);
                        return Err(ErrorKind::WouldBlock.into());
                    }
                    Ok(read)
                });
                last.map_or(read, Ok)
            }

            fn write(&self, bytes: &[u8]) -> io::Result<usize> {
                self.try_write(bytes)
            }

            fn socket(&self) -> SockRef<'_> {
                SockRef::from(self)
            }
        })*
    };
}

socket!(TcpStream);
#[cfg(unix)]
socket!(UnixStream);

impl<S: Socket> AsyncRead for Shared<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.poll_readable(cx))?;
            match self.0.read(into.initialize_unfilled()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(read) => {
                    into.advance(read);
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }
}

impl<S: Socket> AsyncWrite for Shared<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.poll_writable(cx))?;
            match self.0.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0.socket().shutdown(std::net::Shutdown::Write) {
            // The other side was faster.
            Err(error) if error.kind() == ErrorKind::NotConnected => Poll::Ready(Ok(())),
            done => Poll::Ready(done),
        }
    }
}

impl<S: Socket> Probe for Shared<S> {
    fn is_quiet(&self) -> bool {
        let look = self.0.socket().peek(&mut [MaybeUninit::uninit()]);
        look.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }
}
