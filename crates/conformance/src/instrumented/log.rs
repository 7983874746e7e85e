//! What ran on the connections of a driver, and the fault that waits for its call.

use reprieve_core::error::{Error, Kind};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::sync::{Mutex, MutexGuard};

/// One call of a connection. Those that are no statements are written as the SQL they stand for.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// The text.
    pub sql: String,
    /// The values.
    pub binds: Vec<Value>,
}

/// Which call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The nth statement from now on, the first being 1.
    Statement(usize),
    /// The next begin.
    Begin,
    /// The next commit.
    Commit,
}

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The database refuses it; nothing of it happened, the transaction is usable.
    Refuse,
    /// It is done, and the connection breaks before the answer is there.
    LoseAnswer,
    /// The database refuses it and rolls the whole transaction back, as on a full disk.
    EndTransaction,
    /// The connection breaks before it.
    Break,
    /// There is never an answer; giving up breaks the connection.
    Hang,
}

impl How {
    /// The ways that end.
    pub const FAILURES: [Self; 4] = [Self::Refuse, Self::LoseAnswer, Self::EndTransaction, Self::Break];
}

/// What ran, and what will fail.
#[derive(Debug, Default)]
pub struct Log(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    ran: Vec<Ran>,
    fault: Option<(Fault, How)>,
}

impl Log {
    /// Lets one call fail.
    pub fn arm(&self, fault: Fault, how: How) {
        self.state().fault = Some((fault, how));
    }

    /// Whether the fault still waits for its call.
    pub fn is_armed(&self) -> bool {
        self.state().fault.is_some()
    }

    /// Takes the fault back; `true` when its call never came.
    pub fn disarm(&self) -> bool {
        self.state().fault.take().is_some()
    }

    /// What ran since the last time, and forgets it.
    pub fn take(&self) -> Vec<Ran> {
        std::mem::take(&mut self.state().ran)
    }

    /// The texts of what ran since the last time, and forgets it.
    pub fn texts(&self) -> Vec<String> {
        self.take().into_iter().map(|ran| ran.sql).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(super) fn statement(&self, statement: &Compiled, binds: &[Value]) -> Option<How> {
        let mut state = self.state();
        state.ran.push(Ran { sql: statement.sql.to_string(), binds: binds.to_vec() });
        match state.fault {
            Some((Fault::Statement(1), _)) => state.fault.take().map(|(_, how)| how),
            Some((Fault::Statement(n), how)) => {
                state.fault = Some((Fault::Statement(n - 1), how));
                None
            }
            _ => None,
        }
    }

    pub(super) fn control(&self, sql: &str, at: Option<Fault>) -> Option<How> {
        let mut state = self.state();
        state.ran.push(Ran { sql: sql.to_owned(), binds: Vec::new() });
        match state.fault {
            Some((fault, _)) if Some(fault) == at => state.fault.take().map(|(_, how)| how),
            _ => None,
        }
    }
}

/// The error of an injected fault.
pub(super) fn injected(kind: Kind) -> Error {
    Error::new(kind, "an injected fault")
}
