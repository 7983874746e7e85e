//! What uvloop is given to watch in a socket's place.
//!
//! libuv stops watching a descriptor that reports an error, a connection that was reset for one, and uvloop calls nobody
//! then: whoever waits would wait for ever. A set of `epoll` that holds the socket is readable whenever there is anything
//! to be told of it, and reports no errors of its own. It costs a descriptor for each connection, and no system call:
//! the set is looked at only by who watches it.
//!
//! Source: epoll(7), "What happens if an epoll file descriptor is itself given to epoll"; `uv__poll_io` of libuv.

use super::watch::Direction;
use pyo3::prelude::*;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use socket2::Socket;
use std::io::Result;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::OnceLock;

/// The sets of one socket, one for each direction that was ever waited for.
#[derive(Default)]
pub(super) struct Lookout {
    read: OnceLock<OwnedFd>,
    write: OnceLock<OwnedFd>,
}

impl Lookout {
    fn of(&self, direction: Direction) -> &OnceLock<OwnedFd> {
        match direction {
            Direction::Read => &self.read,
            Direction::Write => &self.write,
        }
    }

    /// Makes the set for this direction, if the loop is one that needs it.
    pub(super) fn prepare(
        &self,
        event_loop: &Bound<'_, PyAny>,
        socket: &Socket,
        direction: Direction,
    ) -> Result<()> {
        if self.of(direction).get().is_some() || !is_of_libuv(event_loop) {
            return Ok(());
        }
        let set = epoll::create(CreateFlags::CLOEXEC)?;
        let flags = match direction {
            Direction::Read => EventFlags::IN,
            Direction::Write => EventFlags::OUT,
        };
        epoll::add(&set, socket, EventData::new_u64(0), flags)?;
        // Only the loop's thread comes here.
        let _ = self.of(direction).set(set);
        Ok(())
    }

    /// What the loop watches for this direction.
    pub(super) fn descriptor(&self, socket: &Socket, direction: Direction) -> i32 {
        self.of(direction).get().map_or_else(|| socket.as_raw_fd(), AsRawFd::as_raw_fd)
    }
}

fn is_of_libuv(event_loop: &Bound<'_, PyAny>) -> bool {
    let module = event_loop.get_type().module();
    module.is_ok_and(|module| module.to_string_lossy().starts_with("uvloop"))
}
