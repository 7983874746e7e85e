//! Verbs on all rows that a query finds: one statement each, beside the journal's and the audit's. What is known of the
//! rows as structs stays as it is.

use super::rows::Query;
use super::view::{Live, OnlyDeleted, View};
use crate::change::Change;
use crate::deletion::{Delete, RestoringAll, SoftDelete, SoftDeletingAll};
use crate::session::Session;
use crate::{Model, Result, actor};
use reprieve_core::driver::BoxFuture;
use reprieve_core::query::Select;
use reprieve_engine::Chosen;

impl<M: Model, V: View<M>> Query<M, V> {
    /// The rows, for a verb of the engine. A query without a condition was asked for by name: `all()`, `only_deleted()`.
    pub(crate) fn chosen(&self) -> Result<Chosen> {
        Chosen::rows(self.narrow(Select::rows(Self::source()?)), true)
    }
}

impl<M: Model> Query<M, Live> {
    /// Changes the rows: only these columns, and those that are filled at every update. Gives how many there were.
    ///
    /// ```
    /// # use reprieve::{Database, Model};
    /// # #[derive(Debug, Clone, Model)]
    /// # #[model(table = "posts")]
    /// # struct Post { #[model(primary_key)] id: i64, title: String, published: bool }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let database = Database::builder("sqlite::memory:").model::<Post>().connect()?;
    /// # database.create_tables().await?;
    /// # let mut session = database.session()?;
    /// Post::create().title("Draft").published(false).insert(&mut session).await?;
    /// let drafts = Post::filter(Post::PUBLISHED.eq(false));
    /// let rows = drafts.update([Post::PUBLISHED.to(true), Post::TITLE.to("Done")], &mut session).await?;
    /// assert_eq!(rows, 1);
    /// # Ok::<(), reprieve::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// When a value does not fit its field, a unique key is taken, a reference leads to no row or a deleted one, or a change
    /// is one of the key. Nothing is written then.
    pub async fn update(
        self,
        changes: impl IntoIterator<Item = Change<M>>,
        session: &mut Session,
    ) -> Result<u64> {
        let changes = changes.into_iter().map(Change::into_inner).collect();
        session.engine().await?.update_where(&self.chosen()?, changes, &actor::current()).await
    }

    /// Removes the rows from the database; gives how many there were. For models without soft delete.
    ///
    /// # Errors
    /// When a row that refers to one of them forbids it (RESTRICT). Nothing is changed then.
    pub fn delete(self, session: &mut Session) -> BoxFuture<'_, Result<u64>>
    where
        M: Delete,
    {
        Box::pin(
            async move { session.engine().await?.remove_where(&self.chosen()?, &actor::current()).await },
        )
    }

    /// Deletes the rows, as one deletion; awaited, it gives the receipt.
    ///
    /// # Errors
    /// When a live child forbids it (RESTRICT). Nothing is changed then.
    pub fn soft_delete(self, session: &mut Session) -> SoftDeletingAll<'_, M>
    where
        M: SoftDelete,
    {
        SoftDeletingAll::new(self, session)
    }
}

impl<M: Model> Query<M, OnlyDeleted> {
    /// Makes the rows live again; awaited, it says how many of which table.
    ///
    /// # Errors
    /// When a live row took a unique key, or a parent was deleted by a cascade. Nothing is changed then.
    pub fn restore(self, session: &mut Session) -> RestoringAll<'_, M>
    where
        M: SoftDelete,
    {
        RestoringAll::new(self, session)
    }

    /// Removes the rows from the database, for good; gives how many there were.
    ///
    /// # Errors
    /// When a row that refers to one of them forbids it (RESTRICT). Nothing is changed then.
    pub fn purge(self, session: &mut Session) -> BoxFuture<'_, Result<u64>>
    where
        M: SoftDelete,
    {
        Box::pin(
            async move { session.engine().await?.remove_where(&self.chosen()?, &actor::current()).await },
        )
    }
}
