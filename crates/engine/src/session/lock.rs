//! Locks on rows, where several transactions write at a time.
//!
//! A verb decides by what it reads, and what it read must hold when it writes. Where one transaction writes at a time,
//! it does. Elsewhere:
//!
//! - Whoever writes a child keeps its parent as it is ([`Lock::Keep`], which any number may hold at once, and which
//!   foreign keys take too), and looks at it only then.
//! - Whoever deletes or restores a row together with its children locks it for itself ([`Lock::Change`]) first, and looks
//!   at its children only then: those that are being written are there by then, and those that come later find it
//!   deleted.
//! - Rows whose changes are noted are locked before they are noted.
//!
//! Rows are locked in the order of their keys, parents before children, so that two of these do not wait for each other.

use super::Session;
use reprieve_core::error::Result;
use reprieve_core::query::{Lock, Order, Predicate, Select, Source, Statement};
use reprieve_core::value::Value;

impl Session {
    /// Whether rows have to be locked.
    pub(crate) fn locks(&self) -> bool {
        !self.database.capability().single_writer
    }

    /// The statement that locks these rows of a source; none where nobody else can write.
    pub(crate) fn lock(&self, of: &Source, rows: &Predicate, lock: Lock) -> Option<Statement> {
        self.locks().then(|| Statement::Lock(rows_by_key(of, rows).lock(lock)))
    }

    /// What names these rows of a source for several statements: where others could add some that fulfil the condition
    /// between two of them, they are locked, and named by their keys.
    pub(crate) async fn settled(&mut self, of: &Source, rows: Predicate) -> Result<Predicate> {
        let keys = self.locked(of, &rows).await?;
        Ok(keys.map_or(rows, |keys| Predicate::In(of.key(), keys)))
    }

    /// Locks these rows of a source and returns their keys; none where nobody else can write, and the rows can be named
    /// as they were before.
    pub(crate) async fn locked(&mut self, of: &Source, rows: &Predicate) -> Result<Option<Vec<Value>>> {
        if !self.locks() {
            return Ok(None);
        }
        let found = self.rows(rows_by_key(of, rows).lock(Lock::Change)).await?;
        Ok(Some(found.into_iter().flatten().collect()))
    }
}

fn rows_by_key(of: &Source, rows: &Predicate) -> Select {
    let select = Select::columns(of.clone(), vec![of.key()]).filter(rows.clone());
    select.order_by(Order::ascending(of.key()))
}
