//! A connection, and the thread that waits for it: no event loop is needed.

use reprieve_core::driver::Endpoint;
use socket2::{Domain, SockAddr, Socket, Type};
use std::future::Future;
use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, ToSocketAddrs};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A socket behind tokio's traits. Nobody is woken when it has something: [`block_on`] waits.
pub(super) struct BlockingStream(Arc<Socket>);

impl BlockingStream {
    /// Connects to the first address of a server that takes it.
    pub(super) fn connect(endpoint: &Endpoint, limit: Duration) -> io::Result<Self> {
        let addresses: Vec<SockAddr> = match endpoint {
            Endpoint::Tcp { host, port, .. } => {
                (host.as_str(), *port).to_socket_addrs()?.map(SockAddr::from).collect()
            }
            Endpoint::Unix(path) => vec![SockAddr::unix(path)?],
        };
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in addresses {
            match Self::connect_to(&address, limit) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn connect_to(address: &SockAddr, limit: Duration) -> io::Result<Self> {
        let socket = Socket::new(Domain::from(i32::from(address.family())), Type::STREAM, None)?;
        socket.set_read_timeout(Some(limit))?;
        // It also bounds the wait for a Unix socket whose queue is full.
        socket.set_write_timeout(Some(limit))?;
        match address.is_unix() {
            true => socket.connect(address)?,
            false => {
                socket.connect_timeout(address, limit)?;
                socket.set_tcp_nodelay(true)?;
            }
        }
        Ok(Self(Arc::new(socket)))
    }

    /// What [`block_on`] waits for.
    pub(super) fn socket(&self) -> Arc<Socket> {
        self.0.clone()
    }
}

/// Polls a future that reads and writes this socket until it is done. Fails when the other side says nothing for as long as
/// a read may take.
pub(super) fn block_on<T>(socket: &Socket, future: impl Future<Output = T>) -> io::Result<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        socket.set_nonblocking(true)?;
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return Ok(result);
        }
        // A few bytes always fit into a new connection: what is pending is a read.
        socket.set_nonblocking(false)?;
        socket.peek(&mut [MaybeUninit::uninit()])?;
    }
}

impl AsyncRead for BlockingStream {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready_or_pending((&*self.0).read(into.initialize_unfilled())).map_ok(|count| into.advance(count))
    }
}

impl AsyncWrite for BlockingStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready_or_pending((&*self.0).write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.shutdown(Shutdown::Both))
    }
}

fn ready_or_pending<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}
