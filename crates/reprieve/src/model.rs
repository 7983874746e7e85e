//! What a struct needs to be a row of a table. `#[derive(Model)]` writes it.

use crate::deletion::{Delete, SoftDelete, SoftDeleting};
use crate::query::{Live, OnlyDeleted, Query, WithDeleted};
use crate::session::Session;
use crate::value::Value;
use crate::{Filter, Result, actor, get};
use reprieve_core::driver::{BoxFuture, Row};
use reprieve_core::error::{Error, Kind};
use reprieve_core::schema::Table;
use reprieve_core::value::Value as Bound;
use std::future::Future;
use std::sync::Arc;

/// A row of a table. A value of such a type is a *live* row: one that [`Model::soft_delete`]
/// has consumed is a [`Deleted`](crate::Deleted) one.
///
/// ```
/// use reprieve::Model;
///
/// #[derive(Debug, Clone, Model)]
/// #[model(table = "notes")]
/// struct Note {
///     #[model(primary_key)]
///     id: i64,
///     text: String,
/// }
/// assert_eq!(Note::TABLE, "notes");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no model",
    label = "not a row of a table",
    note = "add `#[derive(Model)]` to it, and mark its key with `#[model(primary_key)]`"
)]
pub trait Model: Sized + Send + Sync + 'static {
    /// The type of its primary key.
    type Key: Value + Clone + Sync;

    /// The model's name, for messages and the audit log.
    const NAME: &'static str;
    /// The table's name.
    const TABLE: &'static str;
    /// How many columns the struct has; they are the first of the table.
    const FIELDS: usize;
    /// The position of the primary key.
    const KEY: usize;

    /// The table as it is declared to the engine; made once.
    ///
    /// # Errors
    /// When the declaration contradicts itself, such as `on_delete = SetNull` on a field that is no `Option`.
    fn table() -> Result<&'static Arc<Table>>;

    /// The tables that link its rows to others.
    #[doc(hidden)]
    fn links() -> Vec<fn() -> Result<&'static Arc<Table>>> {
        Vec::new()
    }

    /// Its primary key.
    fn key(&self) -> &Self::Key;

    /// The value of the field at this position.
    fn value(&self, position: usize) -> Bound;

    /// Puts a value, as the engine filled it, into the field at this position.
    ///
    /// # Errors
    /// When the field cannot hold it.
    fn set(&mut self, position: usize, value: &Bound) -> Result<()>;

    /// Reads a row whose columns begin with the struct's.
    ///
    /// # Errors
    /// When a column holds what its field cannot.
    fn read(row: &dyn Row) -> Result<Self>;

    /// The live row with this key, or `None`.
    ///
    /// # Errors
    /// When the database refuses.
    fn get(
        session: &mut Session,
        key: impl Into<Self::Key>,
    ) -> impl Future<Output = Result<Option<Self>>> + Send {
        let key = key.into().to_value();
        async move { get::one(session, key).await }
    }

    /// The live row with this key.
    ///
    /// # Errors
    /// [`Error::is_not_found`] when no live row has it.
    fn get_or_404(
        session: &mut Session,
        key: impl Into<Self::Key>,
    ) -> impl Future<Output = Result<Self>> + Send {
        let key = key.into().to_value();
        async move {
            let shown = crate::value::shown(&key);
            let found = get::one(session, key).await?;
            found.ok_or_else(|| not_found::<Self>(&shown))
        }
    }

    /// The live rows.
    fn all() -> Query<Self, Live> {
        Query::new()
    }

    /// The live rows that fulfil this.
    fn filter(filter: Filter<Self>) -> Query<Self, Live> {
        Query::new().filter(filter)
    }

    /// The deleted rows.
    fn only_deleted() -> Query<Self, OnlyDeleted>
    where
        Self: SoftDelete,
    {
        Query::new()
    }

    /// The rows, live and deleted.
    fn with_deleted() -> Query<Self, WithDeleted>
    where
        Self: SoftDelete,
    {
        Query::new()
    }

    /// Deletes the row; awaited, it gives the deleted row. What else it can do, a cascade for one, is asked for before.
    ///
    /// # Errors
    /// When a live child forbids it (RESTRICT), or the row is gone. Nothing is changed then.
    fn soft_delete(self, session: &mut Session) -> SoftDeleting<'_, Self>
    where
        Self: SoftDelete,
    {
        SoftDeleting::new(self, session)
    }

    /// Removes the row from the database; gives whether it was there. For models without soft delete.
    ///
    /// # Errors
    /// When a row that refers to it forbids it (RESTRICT). Nothing is changed then.
    fn delete(self, session: &mut Session) -> BoxFuture<'_, Result<bool>>
    where
        Self: Delete,
    {
        Box::pin(async move {
            let (table, key) = (Self::table()?, self.key().to_value());
            session.engine().await?.remove(table, &key, &actor::current()).await
        })
    }
}

/// The error for a key that no visible row has, as [`Model::get_or_404`] gives it.
pub fn not_found<M: Model>(key: &str) -> Error {
    let field = M::table().map(|table| table.key().name.clone()).unwrap_or_default();
    Error::new(Kind::NotFound, format!("{} not found with {field}={key}", M::NAME))
        .model(M::NAME)
        .field(field)
        .value(key)
}

/// A foreign key has the type of the key it refers to: compiled, never run.
#[doc(hidden)]
pub fn same_key<K: SameAs<M::Key>, M: Model>() {}

/// The type `T`.
#[diagnostic::on_unimplemented(
    message = "a reference has the type of the primary key it refers to, `{T}`, and not `{Self}`",
    label = "the primary key referred to is `{T}`",
    note = "give the field the type `{T}`, or `Option<{T}>`"
)]
#[doc(hidden)]
pub trait SameAs<T> {}

impl<T> SameAs<T> for T {}
