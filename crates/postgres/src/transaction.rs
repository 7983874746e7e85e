//! What is open on a connection, and what has to be sent so that a statement that fails leaves nothing behind.
//!
//! PostgreSQL ends a whole transaction when one statement of it fails. So there is always a point to go back to: the
//! beginning, when nothing was written yet; the caller's last savepoint, when nothing was written since; else a savepoint of
//! the driver's own, the guard, which goes out together with the statement. Nothing here is I/O: commands are noted, and sent
//! by whoever runs the next statement.

use reprieve_core::driver::{Isolation, Savepoint};

const GUARD: &str = "reprieve_guard";

/// The transaction of a connection.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    /// The transaction itself, and its savepoints; empty when none is open.
    levels: Vec<Level>,
    /// What has to be sent before the next statement.
    pending: Vec<Command>,
    isolation: Isolation,
    /// It waits for no lock at the moment.
    impatient: bool,
}

#[derive(Debug, Default)]
struct Level {
    /// The caller's number of the savepoint; none for the transaction itself.
    savepoint: Option<usize>,
    /// The guard is set in it.
    guard: bool,
    /// Something was done since the last point to go back to.
    dirty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Command {
    Begin,
    Set(usize),
    Release(usize),
    Guard,
    ReleaseGuard,
    /// From here on a lock that somebody holds is a failure at once.
    Impatient,
    Patient,
}

impl Transaction {
    pub(crate) fn is_open(&self) -> bool {
        !self.levels.is_empty()
    }

    /// Whether it was announced, and the server has not heard of it yet.
    pub(crate) fn is_unsent(&self) -> bool {
        self.pending.first() == Some(&Command::Begin)
    }

    /// Opens it, with the next statement.
    pub(crate) fn begin(&mut self, isolation: Isolation) {
        *self = Self {
            levels: vec![Level::default()],
            pending: vec![Command::Begin],
            isolation,
            impatient: false,
        };
    }

    /// It is over.
    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }

    /// Sets a savepoint, with the next statement.
    pub(crate) fn set(&mut self, savepoint: usize) {
        if let Some(top) = self.levels.last_mut()
            && top.guard
        {
            *top = Level { guard: false, dirty: true, ..*top };
            self.pending.push(Command::ReleaseGuard);
        }
        self.levels.push(Level { savepoint: Some(savepoint), ..Level::default() });
        self.pending.push(Command::Set(savepoint));
    }

    /// Keeps what was done since a savepoint, with the next statement. `false`: there is none of this number.
    pub(crate) fn release(&mut self, savepoint: usize) -> bool {
        let Some(at) = self.position(savepoint) else { return false };
        let dirty = self.levels.drain(at..).any(|level| level.dirty || level.guard);
        if let Some(top) = self.levels.last_mut() {
            top.dirty |= dirty;
        }
        match self.pending.iter().position(|command| *command == Command::Set(savepoint)) {
            Some(unsent) => self.pending.truncate(unsent),
            None => self.pending.push(Command::Release(savepoint)),
        }
        true
    }

    /// Undoes what was done since a savepoint. What is to be sent for it now, if anything; `None`: there is none of this
    /// number.
    pub(crate) fn undo(&mut self, savepoint: usize) -> Option<Option<String>> {
        let at = self.position(savepoint)?;
        self.levels.truncate(at);
        if let Some(unsent) = self.pending.iter().position(|command| *command == Command::Set(savepoint)) {
            self.pending.truncate(unsent);
            return Some(None);
        }
        // What was noted since is undone with the rest.
        self.pending.clear();
        Some(Some(Savepoint::Undo(savepoint).sql().join(";")))
    }

    /// What has to be sent before a statement, so that there is a point to go back to, and that the statement waits for
    /// locks or does not.
    pub(crate) fn before(&mut self, may_wait: bool) -> Option<String> {
        if let Some(top) = self.levels.last_mut()
            && top.dirty
        {
            if top.guard {
                self.pending.push(Command::ReleaseGuard);
            }
            self.pending.push(Command::Guard);
            *top = Level { guard: true, dirty: false, ..*top };
        }
        if self.is_open() && !may_wait {
            self.impatient = true;
            // After the point to go back to: whoever goes back is patient again.
            self.pending.push(Command::Impatient);
        }
        self.take_pending()
    }

    /// A statement was run that left something behind, or has seen what no other transaction would show.
    pub(crate) fn done(&mut self, leaves_something: bool) {
        if std::mem::take(&mut self.impatient) {
            // Before any savepoint that follows: what undoes that must not undo this.
            self.pending.push(Command::Patient);
        }
        if let Some(top) = self.levels.last_mut() {
            top.dirty |= leaves_something || self.isolation != Isolation::ReadCommitted;
        }
    }

    /// How to go back to before the statement that failed. To be called after [`before`](Self::before) only.
    pub(crate) fn recover(&mut self) -> Option<String> {
        let top = self.levels.last_mut()?;
        top.dirty = false;
        self.impatient = false;
        Some(match (top.guard, top.savepoint) {
            (true, _) => format!("ROLLBACK TO SAVEPOINT {GUARD}"),
            (false, Some(number)) => format!("ROLLBACK TO SAVEPOINT reprieve_{number}"),
            (false, None) => {
                self.pending = vec![Command::Begin];
                "ROLLBACK".to_owned()
            }
        })
    }

    /// What has to be sent to keep it; nothing when the server never heard of it.
    pub(crate) fn commit(&mut self) -> Option<String> {
        if self.is_unsent() {
            return None;
        }
        let before = self.take_pending().map_or_else(String::new, |commands| commands + ";");
        Some(before + "COMMIT")
    }

    fn position(&self, savepoint: usize) -> Option<usize> {
        self.levels.iter().position(|level| level.savepoint == Some(savepoint))
    }

    fn take_pending(&mut self) -> Option<String> {
        if self.pending.is_empty() {
            return None;
        }
        let isolation = self.isolation;
        let commands: Vec<String> = self.pending.drain(..).map(|command| command.sql(isolation)).collect();
        Some(commands.join(";"))
    }
}

impl Command {
    fn sql(self, isolation: Isolation) -> String {
        match self {
            Self::Begin => format!("BEGIN ISOLATION LEVEL {}", level(isolation)),
            Self::Set(number) => Savepoint::Set(number).sql().join(";"),
            Self::Release(number) => Savepoint::Release(number).sql().join(";"),
            Self::Guard => format!("SAVEPOINT {GUARD}"),
            Self::ReleaseGuard => format!("RELEASE SAVEPOINT {GUARD}"),
            Self::Impatient => "SET LOCAL lock_timeout = 1".to_owned(),
            Self::Patient => "SET LOCAL lock_timeout = DEFAULT".to_owned(),
        }
    }
}

fn level(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::ReadCommitted => "READ COMMITTED",
        Isolation::RepeatableRead => "REPEATABLE READ",
        Isolation::Serializable => "SERIALIZABLE",
    }
}
