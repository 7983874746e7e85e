//! Streams of bytes whose readiness comes from the event loop.

mod address;
mod connect;
mod io;
#[cfg(target_os = "linux")]
mod lookout;
mod pace;
mod poll;
mod source;
mod watch;
mod watcher;

pub use poll::{Bell, wait};
pub use source::{Awaited, Source};
pub use watcher::Watcher;

use super::threads::Threads;
use io::{Peek, Socketed};
use reprieve_core::driver::{Endpoint, Opened};
use socket2::{SockRef, TcpKeepalive};
use std::io::{Error, ErrorKind, Result};
use std::sync::Arc;

/// Opens a stream, whose answers may be looked for instead of waited for. A name is looked up on a thread; an address and a socket in the file system need none.
pub async fn open(threads: Threads, endpoint: Endpoint, busy_poll: bool) -> Result<Opened> {
    match endpoint {
        Endpoint::Tcp { host, port, keepalive } => {
            let mut last = Error::new(ErrorKind::NotFound, format!("{host} has no address"));
            for address in address::look_up(&threads, &host, port).await? {
                match connect::connect(&address.into(), busy_poll).await {
                    Ok(source) => {
                        source.socket().set_tcp_nodelay(true)?;
                        if let Some(after) = keepalive {
                            let keepalive = TcpKeepalive::new().with_time(after);
                            SockRef::from(source.socket()).set_tcp_keepalive(&keepalive)?;
                        }
                        return Ok(opened(source));
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
        #[cfg(unix)]
        Endpoint::Unix(path) => {
            Ok(opened(connect::connect(&socket2::SockAddr::unix(path)?, busy_poll).await?))
        }
        #[cfg(not(unix))]
        Endpoint::Unix(path) => Err(Error::new(
            ErrorKind::Unsupported,
            format!("{}: this system has no sockets in its files", path.display()),
        )),
    }
}

fn opened(source: Arc<Source>) -> Opened {
    let probe = Arc::new(Peek(source.clone()));
    Opened { stream: Box::new(Socketed(source)), probe }
}
