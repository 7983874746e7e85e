//! Waiting for sockets without the event loop, which stands still or cannot watch any.

use super::source::{Awaited, Source};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::Result;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

/// Ends a wait from another thread. It is a socket connected to itself, which every system can wait for.
pub struct Bell(UdpSocket);

impl Bell {
    pub fn new() -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.connect(socket.local_addr()?)?;
        socket.set_nonblocking(true)?;
        Ok(Self(socket))
    }

    pub fn ring(&self) {
        // A full buffer is a bell that rings.
        let _ = self.0.send(&[1]);
    }

    fn hush(&self) {
        while self.0.recv(&mut [0; 8]).is_ok() {}
    }
}

/// Waits until one of these sockets has what is awaited there, the bell rings, or the time is over. What was seen.
pub fn wait(
    sources: Vec<(Arc<Source>, Awaited)>,
    bell: &Bell,
    timeout: Option<Duration>,
) -> Result<Vec<(Arc<Source>, Awaited)>> {
    let mut polled = vec![PollFd::new(&bell.0, PollFlags::IN)];
    for (source, awaited) in &sources {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, awaited.read);
        flags.set(PollFlags::OUT, awaited.write);
        polled.push(PollFd::new(source.socket(), flags));
    }
    let timeout = timeout.map(|timeout| Timespec {
        tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    });
    match poll(&mut polled, timeout.as_ref()) {
        // A signal: whoever waits looks at it.
        Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
        done => done?,
    };
    if !polled[0].revents().is_empty() {
        bell.hush();
    }
    let seen: Vec<_> = polled[1..].iter().map(PollFd::revents).collect();
    drop(polled);
    let ended = PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL;
    let ready = sources.into_iter().zip(seen).map(|((source, awaited), seen)| {
        let read = awaited.read && seen.intersects(PollFlags::IN | ended);
        let write = awaited.write && seen.intersects(PollFlags::OUT | ended);
        (source, Awaited { read, write })
    });
    Ok(ready.filter(|(_, ready)| ready.read || ready.write).collect())
}
