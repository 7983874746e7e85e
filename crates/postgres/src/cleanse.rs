//! Taking back what statements of a user leave on a connection beyond their transaction, which the next session of the pool
//! must not meet.
//!
//! `DISCARD ALL` would do, and would also forget the statements that the driver has prepared. What was said when the
//! connection was opened is what a session is reset to. It travels with the end of the transaction, in one message: behind a
//! pooler that gives each transaction another connection, a separate message would reach another client's.
//!
//! Source: PostgreSQL's manual, "DISCARD".

use crate::connection::PostgresConnection;
use futures_util::StreamExt;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// The user first, who may then do the rest.
const CLEANSE: &str = "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;CLOSE ALL;UNLISTEN *;\
    SELECT pg_catalog.pg_advisory_unlock_all();DISCARD TEMP;DISCARD SEQUENCES";

impl PostgresConnection {
    /// Commands that end a transaction, and what takes back the rest.
    pub(crate) fn with_cleansing(&mut self, end: &str) -> String {
        match std::mem::take(&mut self.tainted) {
            true => format!("{end};{CLEANSE}"),
            false => end.to_owned(),
        }
    }

    /// Takes back what is left outside of a transaction.
    pub(crate) fn cleanse_now(&mut self) {
        // Behind a pooler the statement ran on a server connection that another client has by now.
        if std::mem::take(&mut self.tainted) && self.shared.options.prepares() {
            self.send(CLEANSE);
        }
    }

    /// Sends commands without waiting for the answer: the server handles what follows after them.
    pub(crate) fn send(&mut self, commands: &str) {
        let Some(link) = &self.link else { return };
        // Sent by the first poll.
        let sent = pin!(link.client.batch_execute(commands)).poll(&mut Context::from_waker(Waker::noop()));
        match sent.is_ready() {
            true => self.give_up(),
            false => self.is_unheard(),
        }
    }
}

/// Commits, and takes back what statements of a user left. Whether that was done too; an error is one of the commit.
pub(crate) async fn commit(client: &Client, commit: &str) -> Result<bool, Error> {
    // None of the driver's own commands holds a semicolon.
    let commands = commit.split(';').count();
    let mut answers = pin!(client.simple_query_raw(&format!("{commit};{CLEANSE}")).await?);
    let mut done = 0;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(SimpleQueryMessage::CommandComplete(_)) => done += 1,
            Ok(_) => {}
            Err(_) if done >= commands => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}
