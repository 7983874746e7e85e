//! Something that stands between the driver and the server.

use crate::farewell;
use crate::support::{server, with};
use crate::way::Way;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What it does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Each byte by itself.
    Bytewise,
    /// Each packet in parts, each part later, in either direction by itself.
    Late,
    /// When the client says this, the server hears it when it is let go.
    HoldQuestion(&'static str),
    /// When the client says this, the server hears it, and the client has its answer when it is let go.
    HoldAnswer(&'static str),
    /// When the client says this, nothing of it reaches the server, and the connection ends.
    CutBefore(&'static str),
    /// When the client says this, the server hears it, and the connection ends before the client has an answer.
    CutAfter(&'static str),
    /// When the client says this, nobody ever hears of it.
    Swallow(&'static str),
    /// The server's answer of this number (from 0) ends in the same packet with a farewell of this SQLSTATE, and the
    /// connection with it.
    Farewell(usize, &'static str),
}

/// A proxy in front of the tests' server.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    fault: Arc<Mutex<Fault>>,
    trips: Arc<AtomicUsize>,
    letting_go: Arc<Notify>,
    holding: Arc<Notify>,
}

impl Proxy {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fault = Arc::new(Mutex::new(Fault::None));
        let trips = Arc::new(AtomicUsize::new(0));
        let (letting_go, holding) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (shared, counted) = (fault.clone(), trips.clone());
        let (released, held) = (letting_go.clone(), holding.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = TcpStream::connect(address()).await.unwrap();
                client.set_nodelay(true).unwrap();
                upstream.set_nodelay(true).unwrap();
                let held = Held { holding: held.clone(), letting_go: released.clone() };
                tokio::spawn(forward(client, upstream, shared.clone(), counted.clone(), held));
            }
        });
        Self { port, fault, trips, letting_go, holding }
    }

    /// How often the client has spoken after the server did, since this was asked last.
    pub(crate) fn round_trips(&self) -> usize {
        self.trips.swap(0, Ordering::Relaxed)
    }

    /// Lets go what is held, or the next one that would be.
    pub(crate) fn let_go(&self) {
        self.letting_go.notify_one();
    }

    /// Waits until something is held back.
    pub(crate) async fn is_holding(&self) {
        self.holding.notified().await;
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

/// What holds a packet back.
struct Held {
    holding: Arc<Notify>,
    letting_go: Arc<Notify>,
}

impl Held {
    async fn wait(&self) {
        self.holding.notify_one();
        self.letting_go.notified().await;
    }
}

/// Counts the answers that a farewell waits for; the one in this packet that it follows, and its SQLSTATE.
fn said_farewell(fault: &Mutex<Fault>, answers: usize) -> Option<(usize, &'static str)> {
    match &mut *fault.lock().unwrap() {
        Fault::Farewell(number, code) if *number < answers => Some((*number, code)),
        Fault::Farewell(number, _) => {
            *number -= answers;
            None
        }
        _ => None,
    }
}

async fn forward(
    client: TcpStream,
    server: TcpStream,
    fault: Arc<Mutex<Fault>>,
    trips: Arc<AtomicUsize>,
    held: Held,
) {
    let (mut client, to_client) = client.into_split();
    let (mut server, to_server) = server.into_split();
    let (questions, answers) = (Way::to(to_server, fault.clone()), Way::to(to_client, fault.clone()));
    let mut answered = true;
    let (mut from_client, mut from_server) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return questions.hang_up().await };
                trips.fetch_add(usize::from(std::mem::take(&mut answered)), Ordering::Relaxed);
                let bytes = &from_client[..length];
                let fault = *fault.lock().unwrap();
                let said = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
                match fault {
                    Fault::CutBefore(word) if said(word) => return,
                    Fault::CutAfter(word) if said(word) => {
                        questions.say(bytes);
                        // It has done it when it answers.
                        let _ = server.read(&mut from_server).await;
                        return;
                    }
                    Fault::HoldAnswer(word) if said(word) => {
                        questions.say(bytes);
                        held.wait().await;
                    }
                    Fault::HoldQuestion(word) if said(word) => {
                        held.wait().await;
                        questions.say(bytes);
                    }
                    Fault::Swallow(word) if said(word) => {
                        // Until the client hangs up, which the server hears too.
                        while client.read(&mut from_client).await.is_ok_and(|length| length > 0) {}
                        return;
                    }
                    _ => questions.say(bytes),
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return answers.hang_up().await };
                answered = true;
                let bytes = &from_server[..length];
                let last = said_farewell(&fault, farewell::ready_answers(bytes));
                match last {
                    Some((number, code)) => {
                        answers.say(&farewell::after(bytes, number, code));
                        return answers.hang_up().await;
                    }
                    None => answers.say(bytes),
                }
            }
        }
    }
}
