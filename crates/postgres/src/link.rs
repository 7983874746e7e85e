//! A connection as tokio-postgres has it: a client, and a task of the runtime that reads and writes for it.

use crate::error::Said;
use crate::tls::Connector;
use futures_util::FutureExt;
use reprieve_core::driver::{Endpoint, Probe, Runtime};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio_postgres::Client;

/// What leads to the server.
pub(crate) struct Link {
    pub(crate) client: Client,
    pub(crate) probe: Arc<dyn Probe>,
    pub(crate) endpoint: Endpoint,
    /// How the way there is encrypted.
    pub(crate) tls: Option<Connector>,
    /// Where it was opened, and where alone it can be used.
    pub(crate) place: u64,
    /// Why the task ended.
    pub(crate) ending: Ending,
    /// Ends the task, whatever it waits for.
    pub(crate) kill: oneshot::Sender<()>,
    /// Told when the task has ended; disconnected when it was dropped with its loop.
    pub(crate) ended: Mutex<mpsc::Receiver<()>>,
}

/// Why a connection ended, in the server's or the system's words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ending(Arc<Mutex<Option<Said>>>);

impl Ending {
    pub(crate) fn why(&self) -> Option<Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, why: Said) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }
}

impl Link {
    /// Hands the task to the runtime.
    pub(crate) fn start<S, T>(
        client: Client,
        connection: tokio_postgres::Connection<S, T>,
        probe: Arc<dyn Probe>,
        endpoint: Endpoint,
        tls: Option<Connector>,
        runtime: &dyn Runtime,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let ending = Ending::default();
        let (kill, killed) = oneshot::channel::<()>();
        let (end, ended) = mpsc::sync_channel(1);
        let why = ending.clone();
        let (mut connection, mut killed) = (connection, Some(killed));
        runtime.spawn(Box::pin(async move {
            let result = std::future::poll_fn(|cx| {
                match killed.as_mut().map(|killed| killed.poll_unpin(cx)) {
                    Some(Poll::Ready(Ok(()))) => return Poll::Ready(Ok(())),
                    // The client was dropped: what it asked for is still done, and the server is told that it leaves.
                    Some(Poll::Ready(Err(_))) => killed = None,
                    Some(Poll::Pending) | None => {}
                }
                connection.poll_unpin(cx)
            })
            .await;
            if let Err(error) = result {
                why.set(Said::of(&error));
            }
            drop(connection);
            // Nobody may wait for it.
            let _ = end.send(());
        }));
        Self { client, probe, endpoint, tls, place: runtime.place(), ending, kill, ended: Mutex::new(ended) }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
