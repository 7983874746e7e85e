//! Stopping the statement of a connection that its user has given up.
//!
//! PostgreSQL takes the request on a connection of its own. A thread sends it, not a task of the caller's event loop: a
//! program that gives a statement up is often about to end its loop, and a request that ends with the loop leaves the
//! statement running, with its locks. Closing the driver waits for the requests that are under way.

mod blocking;
mod pending;

pub(crate) use pending::Pending;

use crate::link::Link;
use crate::shared::Shared;
use crate::tls::Connector;
use crate::wire::Wire;
use blocking::{BlockingStream, block_on};
use reprieve_core::driver::Endpoint;
use std::io;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio_postgres::{CancelToken, NoTls};

/// How often the server is asked. A request that overtakes its statement has no effect, so one may not be enough.
const TRIES: usize = 5;
/// How long each request may take, and how long the connection then has to end.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a statement that was sent when its loop ended has to arrive, before the last request.
const ARRIVAL: Duration = Duration::from_millis(50);

/// Stops the statement that runs on a connection, in the background, and closes the connection.
pub(crate) fn stop(link: Link, shared: &Arc<Shared>) {
    let Link { client, endpoint, tls, kill, ended, .. } = link;
    let token = client.cancel_token();
    let ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    // The connection's task ends when the server has answered.
    drop(client);
    let pending = shared.cancellations.begin();
    shared.runtime.spawn_blocking(Box::new(move || {
        let _pending = pending;
        for _ in 0..TRIES {
            // A server that refuses the request is gone, or is asked again.
            let _ = request(&token, &endpoint, tls.as_ref());
            match ended.recv_timeout(PAUSE) {
                Ok(()) => return,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // The loop ended first, and its sockets with it: nothing tells any more whether the request came too
                    // early.
                    std::thread::sleep(ARRIVAL);
                    let _ = request(&token, &endpoint, tls.as_ref());
                    return;
                }
            }
        }
        // The server does not answer. Ending the task closes the socket.
        let _ = kill.send(());
    }));
}

/// Sends one request, and waits until the other side has hung up: PgBouncer 1.18 crashes when it is left earlier, and libpq
/// waits, too.
fn request(token: &CancelToken, endpoint: &Endpoint, tls: Option<&Connector>) -> io::Result<()> {
    let stream = BlockingStream::connect(endpoint, PAUSE)?;
    let socket = stream.socket();
    let wire = Wire::that_is_hung_up_on(Box::new(stream));
    match tls {
        Some(tls) => block_on(&socket, token.cancel_query_raw(wire, tls.clone())),
        None => block_on(&socket, token.cancel_query_raw(wire, NoTls)),
    }?
    .map_err(io::Error::other)
}
