//! Something that stands between the driver and the server.

use crate::support::{server, with};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Longer than anything takes that is not late.
const LATE: Duration = Duration::from_millis(3);

/// What it does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Each byte by itself.
    Bytewise,
    /// Each packet later, and answers in two parts.
    Late,
    /// When the client says this, the server hears it, and the client has its answer when it is let go.
    HoldAnswer(&'static str),
    /// When the client says this, nothing of it reaches the server, and the connection ends.
    CutBefore(&'static str),
    /// When the client says this, the server hears it, and the connection ends before the client has an answer.
    CutAfter(&'static str),
    /// When the client says this, nobody ever hears of it.
    Swallow(&'static str),
}

/// A proxy in front of the tests' server.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    fault: Arc<Mutex<Fault>>,
    trips: Arc<AtomicUsize>,
    letting_go: Arc<Notify>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fault = Arc::new(Mutex::new(Fault::None));
        let trips = Arc::new(AtomicUsize::new(0));
        let letting_go = Arc::new(Notify::new());
        let (shared, counted, released) = (fault.clone(), trips.clone(), letting_go.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = TcpStream::connect(address()).await.unwrap();
                client.set_nodelay(true).unwrap();
                upstream.set_nodelay(true).unwrap();
                tokio::spawn(forward(client, upstream, shared.clone(), counted.clone(), released.clone()));
            }
        });
        Self { port, fault, trips, letting_go }
    }

    /// How often the client has spoken after the server did, since this was asked last.
    pub(crate) fn round_trips(&self) -> usize {
        self.trips.swap(0, Ordering::Relaxed)
    }

    /// Lets an answer go that is held, or the next one that would be.
    pub(crate) fn let_go(&self) {
        self.letting_go.notify_one();
    }

    /// What it does from now on.
    pub(crate) fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }
}

/// The host and port of the tests' server.
fn address() -> String {
    let url = server();
    let authority = url.split("://").nth(1).unwrap().split('/').next().unwrap();
    authority.rsplit('@').next().unwrap().to_owned()
}

/// The address of the tests' server, through a proxy, which has to understand what is said.
pub(crate) fn through(url: &str, port: u16) -> String {
    with(&url.replace(&address(), &format!("127.0.0.1:{port}")), "sslmode=disable")
}

async fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    fault: Arc<Mutex<Fault>>,
    trips: Arc<AtomicUsize>,
    letting_go: Arc<Notify>,
) {
    let mut answered = true;
    let (mut from_client, mut from_server) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return };
                trips.fetch_add(usize::from(std::mem::take(&mut answered)), Ordering::Relaxed);
                let bytes = &from_client[..length];
                let fault = *fault.lock().unwrap();
                let said = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
                match fault {
                    Fault::CutBefore(word) if said(word) => return,
                    Fault::CutAfter(word) if said(word) => {
                        server.write_all(bytes).await.unwrap();
                        // It has done it when it answers.
                        let _ = server.read(&mut from_server).await;
                        return;
                    }
                    Fault::HoldAnswer(word) if said(word) => {
                        server.write_all(bytes).await.unwrap();
                        letting_go.notified().await;
                    }
                    Fault::Late => {
                        tokio::time::sleep(LATE).await;
                        server.write_all(bytes).await.unwrap();
                    }
                    Fault::Swallow(word) if said(word) => std::future::pending().await,
                    Fault::Bytewise => {
                        for byte in bytes {
                            server.write_all(&[*byte]).await.unwrap();
                            tokio::task::yield_now().await;
                        }
                    }
                    _ => server.write_all(bytes).await.unwrap(),
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return };
                answered = true;
                let bytes = &from_server[..length];
                let fault = *fault.lock().unwrap();
                let done = match fault {
                    Fault::Bytewise => 1,
                    Fault::Late => length.div_ceil(2),
                    _ => length,
                };
                for part in bytes.chunks(done) {
                    if fault == Fault::Late {
                        tokio::time::sleep(LATE).await;
                    }
                    if client.write_all(part).await.is_err() {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}
