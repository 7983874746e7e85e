//! A socket that is connected to a server.

use super::source::Source;
use crate::runtime::home::Home;
use crate::runtime::sleep::Sleep;
use pyo3::prelude::*;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;
use std::time::Duration;

/// Between two tries when a server on this machine has its queue full: the system offers no waiting for that.
const AGAIN: Duration = Duration::from_millis(10);

pub(super) async fn connect(address: &SockAddr, busy_poll: bool) -> Result<Arc<Source>> {
    let home = Python::attach(Home::here)
        .map_err(|_| Error::other("a connection is opened on a running event loop, and there is none"))?;
    loop {
        let socket = Socket::new(Domain::from(i32::from(address.family())), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        match socket.connect(address) {
            Ok(()) => return Ok(Source::new(socket, home, busy_poll)),
            Err(error) if is_on_its_way(&error) => {
                let source = Source::new(socket, home, busy_poll);
                std::future::poll_fn(|cx| source.poll_connected(cx)).await?;
                return Ok(source);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock && address.is_unix() => {
                Sleep::new(AGAIN).await
            }
            Err(error) => return Err(error),
        }
    }
}

/// On Windows a connection that is on its way would block; elsewhere it is in progress.
fn is_on_its_way(error: &Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(libc::EINPROGRESS);
    #[cfg(not(unix))]
    return error.kind() == ErrorKind::WouldBlock;
}
