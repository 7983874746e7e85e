//! A socket, and what is known of its readiness.
//!
//! Reading and writing are tried at once where they may succeed. The loop watches for bytes from the first read that
//! would wait on, for as long as the stream lives, because adding and removing a reader costs more than reading does;
//! it watches for room only while a write waits. It is level-triggered: bytes that nobody wants would wake it for
//! ever, so the reader is removed when that is seen.

use super::pace::Pace;
use super::watch::{self, Direction};
use crate::runtime::fork_epoch;
use crate::runtime::home::Home;
use socket2::Socket;
use std::io::{Error, ErrorKind, Read, Result};
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Without this flag, writing to a server that has closed its end kills a program that has SIGPIPE as the system has it.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const QUIETLY: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const QUIETLY: i32 = 0;

pub struct Source {
    socket: Socket,
    home: Arc<Home>,
    #[cfg(target_os = "linux")]
    pub(super) lookout: super::lookout::Lookout,
    /// Whether answers may be looked for instead of waited for.
    busy_poll: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A read may succeed.
    readable: bool,
    pace: Pace,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// Whether the loop watches.
    watches_reads: bool,
    watches_writes: bool,
}

/// What is waited for at a socket.
#[derive(Clone, Copy)]
pub struct Awaited {
    pub read: bool,
    pub write: bool,
}

impl Source {
    pub(super) fn new(socket: Socket, home: Arc<Home>, busy_poll: bool) -> Arc<Self> {
        let source = Arc::new(Self {
            socket,
            home,
            #[cfg(target_os = "linux")]
            lookout: Default::default(),
            busy_poll,
            state: Mutex::default(),
        });
        source.home.add_source(&source);
        source
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(super) fn home(&self) -> &Arc<Home> {
        &self.home
    }

    pub(super) fn is_of_this_process(&self) -> bool {
        self.home.is_of_this_process()
    }

    /// What somebody waits for here.
    pub fn awaited(&self) -> Option<Awaited> {
        let state = self.state();
        let awaited = Awaited { read: state.reader.is_some(), write: state.writer.is_some() };
        (awaited.read || awaited.write).then_some(awaited)
    }

    pub(super) fn poll_read(self: &Arc<Self>, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<Result<usize>> {
        self.check_process()?;
        loop {
            let mut state = self.state();
            if !state.readable {
                note(&mut state.reader, cx);
                let is_watched = std::mem::replace(&mut state.watches_reads, true);
                drop(state);
                if !is_watched {
                    watch::begin(self, Direction::Read).inspect_err(|_| self.unwatched(Direction::Read))?;
                }
                return Poll::Pending;
            }
            drop(state);
            match (&self.socket).read(into) {
                Ok(read) => {
                    let mut state = self.state();
                    state.pace.answer();
                    // Less than there was room for: that was all. The end is told again and again.
                    if read > 0 && read < into.len() {
                        state.readable = false;
                    }
                    return Poll::Ready(Ok(read));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.state().readable = false,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    pub(super) fn poll_write(self: &Arc<Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.check_process()?;
        loop {
            match self.socket.send_with_flags(bytes, QUIETLY) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return self.wait_for_room(cx),
                done => {
                    self.state().pace.ask();
                    return Poll::Ready(done);
                }
            }
        }
    }

    /// Ready when the connection that was begun stands, or has failed.
    pub(super) fn poll_connected(self: &Arc<Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        match self.socket.take_error()? {
            Some(error) => Poll::Ready(Err(error)),
            None => match self.socket.peer_addr() {
                Ok(_) => Poll::Ready(Ok(())),
                Err(error) if error.kind() == ErrorKind::NotConnected => self.wait_for_room(cx),
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }

    fn wait_for_room<T>(self: &Arc<Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let mut state = self.state();
        note(&mut state.writer, cx);
        let is_watched = std::mem::replace(&mut state.watches_writes, true);
        drop(state);
        if !is_watched {
            watch::begin(self, Direction::Write).inspect_err(|_| self.unwatched(Direction::Write))?;
        }
        Poll::Pending
    }

    /// Somebody waited for this, and it is there.
    pub fn is_ready(&self, ready: Awaited) {
        if ready.read {
            self.ready_to_read();
        }
        if ready.write {
            self.ready_to_write();
        }
    }

    /// There are bytes, or the end. Whether somebody wants them.
    pub fn ready_to_read(&self) -> bool {
        let mut state = self.state();
        state.readable = true;
        let reader = state.reader.take();
        drop(state);
        reader.map(Waker::wake).is_some()
    }

    /// Whether there is nothing to read, not even the end.
    pub fn is_quiet(&self) -> bool {
        let look = self.socket.peek(&mut [MaybeUninit::uninit()]);
        look.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Until when the answer that is on its way is to be looked for, if that is to be expected within that time.
    pub fn due(&self, within: Duration) -> Option<Instant> {
        self.busy_poll.then(|| self.state().pace.due(within)).flatten()
    }

    /// Its answer was looked for; whether it came.
    pub fn looked(&self, came: bool) {
        self.state().pace.looked(came);
    }

    /// There is room.
    pub(super) fn ready_to_write(&self) {
        let writer = self.state().writer.take();
        if let Some(writer) = writer {
            writer.wake();
        }
    }

    /// The loop does not watch any more.
    pub(super) fn unwatched(&self, direction: Direction) {
        let mut state = self.state();
        match direction {
            Direction::Read => state.watches_reads = false,
            Direction::Write => state.watches_writes = false,
        }
    }

    /// Nobody reads or writes any more: the loop has to forget the socket before it is closed.
    pub(super) fn leave(self: &Arc<Self>) {
        let mut state = self.state();
        let read = std::mem::take(&mut state.watches_reads);
        let write = std::mem::take(&mut state.watches_writes);
        let wakers = (state.reader.take(), state.writer.take());
        drop(state);
        drop(wakers);
        if read || write {
            watch::end(self, read, write);
        }
    }

    /// A child has copies of its parent's sockets; using one would mix two conversations.
    fn check_process(&self) -> Result<()> {
        if self.is_of_this_process() {
            return Ok(());
        }
        let forks = fork_epoch();
        Err(Error::other(format!("the connection is another process's: this one was forked since ({forks})")))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        _ => *slot = Some(cx.waker().clone()),
    }
}
