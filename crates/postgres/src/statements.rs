//! The statements that a connection has prepared: those used last are kept.

use crate::effect::Effect;
use crate::row::Reader;
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::sql::Compiled;
use reprieve_core::value::Value;
use std::collections::HashMap;
use std::sync::Arc;
use tokio_postgres::Statement;

/// A statement of the server's.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) statement: Statement,
    pub(crate) reader: Reader,
    pub(crate) effect: Effect,
}

impl Prepared {
    pub(crate) fn new(statement: Statement, compiled: &Compiled) -> Self {
        let reader = Reader::new(statement.columns());
        Self { statement, reader, effect: Effect::of(compiled) }
    }

    /// Whether it takes so many values.
    pub(crate) fn fits(&self, binds: &[Value]) -> Result<()> {
        let takes = self.statement.params().len();
        match takes == binds.len() {
            true => Ok(()),
            false => Err(unfit(takes, binds.len())),
        }
    }
}

#[cold]
fn unfit(takes: usize, given: usize) -> Error {
    Error::new(Kind::InvalidValue, format!("the statement takes {takes} values and was given {given}"))
}

/// Prepared statements by the number of their text.
#[derive(Debug)]
pub(crate) struct Statements {
    most: usize,
    kept: HashMap<u64, (u64, Arc<Prepared>)>,
    clock: u64,
    /// Not needed any more, and closed in the server together with the next statement. The answer to a request of its own
    /// would come when nobody waits for one, and look as if the server had said that it leaves.
    leaving: Vec<Arc<Prepared>>,
}

impl Statements {
    /// At most so many are kept.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, kept: HashMap::new(), clock: 0, leaving: Vec::new() }
    }

    /// Begins a statement: the one that is prepared already.
    pub(crate) fn get(&mut self, compiled: &Compiled) -> Option<Arc<Prepared>> {
        self.leaving.clear();
        let (used, prepared) = self.kept.get_mut(&compiled.id)?;
        self.clock += 1;
        *used = self.clock;
        Some(prepared.clone())
    }

    /// Keeps one; the one that was not used for longest makes room, and is closed in the server.
    pub(crate) fn keep(&mut self, compiled: &Compiled, prepared: Arc<Prepared>) {
        if self.kept.len() >= self.most {
            let oldest = self.kept.iter().min_by_key(|(_, (used, _))| *used).map(|(id, _)| *id);
            let oldest = oldest.and_then(|id| self.kept.remove(&id));
            self.leaving.extend(oldest.map(|(_, prepared)| prepared));
        }
        self.clock += 1;
        self.kept.insert(compiled.id, (self.clock, prepared));
    }

    /// One is not needed any more.
    pub(crate) fn leave(&mut self, prepared: Arc<Prepared>) {
        self.leaving.push(prepared);
    }

    /// Forgets one that the server cannot run any more.
    pub(crate) fn forget(&mut self, compiled: &Compiled) {
        self.kept.remove(&compiled.id);
    }
}
