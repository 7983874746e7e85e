//! One direction of a connection through the proxy: what is said arrives in order; when, and in what parts, is the proxy's to say.

use crate::proxy::Fault;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Parts that end inside of the head of a message, of a row, of a number, and have nothing to do with where messages end.
const PARTS: [usize; 7] = [1, 300, 5, 70, 17, 1000, 7];

/// Longer than anything takes that is not late.
const LATE: Duration = Duration::from_millis(3);

/// Where one puts what is to be written.
pub(crate) struct Way {
    sender: mpsc::UnboundedSender<Vec<u8>>,
    /// Ends with this.
    writer: JoinSet<()>,
}

impl Way {
    pub(crate) fn to(to: OwnedWriteHalf, fault: Arc<Mutex<Fault>>) -> Self {
        let (sender, said) = mpsc::unbounded_channel();
        let mut writer = JoinSet::new();
        writer.spawn(write(to, said, fault));
        Self { sender, writer }
    }

    pub(crate) fn say(&self, bytes: &[u8]) {
        // Nobody takes it when nobody reads any more.
        let _ = self.sender.send(bytes.to_vec());
    }

    /// Ends when all has arrived.
    pub(crate) async fn hang_up(mut self) {
        drop(self.sender);
        self.writer.join_next().await;
    }
}

async fn write(mut to: OwnedWriteHalf, mut said: mpsc::UnboundedReceiver<Vec<u8>>, fault: Arc<Mutex<Fault>>) {
    let mut sizes = PARTS.iter().cycle();
    while let Some(bytes) = said.recv().await {
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let fault = *fault.lock().unwrap();
            let size = match fault {
                Fault::Bytewise => 1,
                // A large answer would take minutes in small parts.
                Fault::Late => *sizes.next().unwrap().max(&(bytes.len() / 8)),
                _ => rest.len(),
            };
            if fault == Fault::Late {
                tokio::time::sleep(LATE).await;
            }
            let (part, later) = rest.split_at(size.min(rest.len()));
            if to.write_all(part).await.is_err() {
                return;
            }
            rest = later;
            tokio::task::yield_now().await;
        }
    }
}
