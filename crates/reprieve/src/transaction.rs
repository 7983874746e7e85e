//! Transactions: a part of a session's work that is kept or undone as a whole.

use crate::Result;
use crate::session::{Session, Undo};
use std::ops::{Deref, DerefMut};

/// A part of a session's work. [`Transaction::commit`] keeps it; [`Transaction::rollback`], or a drop, undoes it. It is
/// used as the session is.
///
/// The first one of a session is a transaction, and its commit is one; inside another it is a savepoint, whose work is
/// committed with the outer one:
///
/// ```
/// # use reprieve::{Database, Model};
/// # #[derive(Debug, Clone, Model)]
/// # #[model(table = "notes")]
/// # struct Note { #[model(primary_key)] id: i64, text: String }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let database = Database::builder("sqlite::memory:").model::<Note>().connect()?;
/// # database.create_tables().await?;
/// let mut session = database.session()?;
/// let mut outer = session.begin().await?;
/// Note::create().text("kept").insert(&mut outer).await?;
/// {
///     let mut inner = outer.begin().await?;
///     Note::create().text("lost").insert(&mut inner).await?;
///     // Dropped without a commit.
/// }
/// outer.commit().await?;
/// assert_eq!(Note::all().count(&mut session).await?, 1);
/// # Ok::<(), reprieve::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "dropping it undoes its work"]
pub struct Transaction<'s> {
    session: &'s mut Session,
    savepoint: usize,
    outermost: bool,
    done: bool,
}

impl Session {
    /// Begins a transaction, or a savepoint when one is open.
    ///
    /// # Errors
    /// When the database refuses, or the session cannot be used.
    pub async fn begin(&mut self) -> Result<Transaction<'_>> {
        let engine = self.engine().await?;
        let outermost = !engine.in_transaction();
        let savepoint = engine.savepoint().await?;
        Ok(Transaction { session: self, savepoint, outermost, done: false })
    }
}

impl Transaction<'_> {
    /// Keeps its work; commits it, when this is the outermost one.
    ///
    /// # Errors
    /// When the database refuses, or the session was committed or rolled back inside: nothing of it is kept then.
    pub async fn commit(mut self) -> Result<()> {
        let outermost = self.outermost;
        self.end().await?;
        if outermost { self.session.commit().await } else { Ok(()) }
    }

    /// Undoes its work.
    ///
    /// # Errors
    /// When the session cannot be used.
    pub async fn rollback(mut self) -> Result<()> {
        self.done = true;
        self.session.leave(self.undo());
        self.session.engine().await.map(drop)
    }

    /// Keeps its work as part of the session's, uncommitted.
    pub(crate) async fn keep(mut self) -> Result<()> {
        self.end().await
    }

    async fn end(&mut self) -> Result<()> {
        let savepoint = self.savepoint;
        self.session.engine().await?.release(savepoint).await?;
        self.done = true;
        Ok(())
    }

    fn undo(&self) -> Undo {
        if self.outermost { Undo::All } else { Undo::To(self.savepoint) }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.done {
            let undo = self.undo();
            self.session.leave(undo);
        }
    }
}

impl Deref for Transaction<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}
