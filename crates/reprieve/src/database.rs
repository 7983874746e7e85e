//! A database: where it is, which models it holds, and the sessions that work on it.

use crate::runtime::Tokio;
use crate::session::Session;
use crate::{Model, Result};
use reprieve_core::schema::{Schema, Table};
use reprieve_engine::{Database as Engine, Options};
use std::sync::Arc;
use std::time::Duration;

/// A database. Cheap to clone; connections are opened when they are needed, inside a tokio runtime.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use reprieve::{Database, Model};
///
/// #[derive(Debug, Clone, Model)]
/// #[model(table = "notes")]
/// struct Note {
///     #[model(primary_key)]
///     id: i64,
///     text: String,
/// }
///
/// let database = Database::builder("sqlite::memory:").model::<Note>().connect()?;
/// database.create_tables().await?;
/// let mut session = database.session()?;
/// let note = Note::create().text("milk").insert(&mut session).await?;
/// session.commit().await?;
/// assert_eq!(Note::get(&mut session, note.id).await?.map(|note| note.text), Some("milk".into()));
/// # Ok::<(), reprieve::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Database {
    engine: Engine,
}

/// A database on its way to being connected. See [`Database::builder`].
#[derive(Clone)]
#[must_use = "nothing is connected until connect()"]
pub struct Builder {
    url: String,
    models: Vec<fn() -> Result<&'static Arc<Table>>>,
    options: Options,
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address may hold a password.
        f.debug_struct("Builder").field("models", &self.models.len()).finish_non_exhaustive()
    }
}

impl Database {
    /// Begins a database at an address: `sqlite://blog.db`, `sqlite:///absolute/blog.db`, `sqlite::memory:`,
    /// `postgresql://user@host/name`.
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder { url: url.into(), models: Vec::new(), options: Options::default() }
    }

    /// Creates the tables that are not there yet, with their indexes.
    ///
    /// # Errors
    /// When a model refers to one that the database was not told of, or the database refuses. Nothing is created then.
    pub async fn create_tables(&self) -> Result<()> {
        self.engine.create_tables(None).await
    }

    /// Creates the indexes that are not there yet on tables that are, one after the other. Where the database can do so,
    /// others go on writing meanwhile, which [`create_tables`](Self::create_tables) does not allow on a table that is
    /// there and lacks one.
    ///
    /// # Errors
    /// When the database refuses: a unique index of values that are there twice, for one. Indexes made before stay.
    pub async fn create_indexes(&self) -> Result<()> {
        self.engine.create_indexes(None).await
    }

    /// Drops the tables with all their rows, the deleted ones included.
    ///
    /// # Errors
    /// When the database refuses. Nothing is dropped then.
    pub async fn drop_tables(&self) -> Result<()> {
        self.engine.drop_tables(None).await
    }

    /// A session on it. Nothing is opened yet.
    ///
    /// # Errors
    /// When the database is closed, or its models contradict each other.
    pub fn session(&self) -> Result<Session> {
        self.engine.session().map(Session::new)
    }

    /// Where it is, for people: the password is masked.
    pub fn address(&self) -> String {
        self.engine.address()
    }

    /// Closes its connections; those in use are closed when their sessions end.
    ///
    /// # Errors
    /// When the driver cannot release what it holds.
    pub async fn close(&self) -> Result<()> {
        self.engine.close().await
    }
}

impl Builder {
    /// Adds a model, and the tables that link its rows to others.
    pub fn model<M: Model>(mut self) -> Self {
        self.models.push(M::table);
        self.models.extend(M::links());
        self
    }

    /// Connections kept open (default 5).
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.options.pool_size = connections;
        self
    }

    /// Connections opened beyond that under load (default 10).
    pub fn max_overflow(mut self, connections: usize) -> Self {
        self.options.max_overflow = connections;
        self
    }

    /// How long to wait for a free connection, and on SQLite for the turn to write when the address has no `timeout`
    /// (default 30 s).
    pub fn pool_timeout(mut self, timeout: Duration) -> Self {
        self.options.pool_timeout = timeout;
        self
    }

    /// How old a connection to a server may be before a fresh one takes its place (default 1 h; `None`: any age). A file
    /// does not age.
    pub fn pool_recycle(mut self, age: impl Into<Option<Duration>>) -> Self {
        self.options.pool_recycle = age.into();
        self
    }

    /// Whether a connection to a server that was not used for 10 s is asked whether it is still there before it is used
    /// (default yes). One that the server has closed is seen without asking.
    pub fn pre_ping(mut self, ask: bool) -> Self {
        self.options.pool_pre_ping = ask;
        self
    }

    /// How long the database may take for a statement, or for the beginning or the end of a transaction (default `None`: any
    /// time). What takes longer is stopped, and is an error of the kind [`Kind::Timeout`](crate::Kind::Timeout); its transaction is
    /// rolled back. A commit that took longer may have been done all the same
    /// ([`Error::is_in_doubt`](crate::Error::is_in_doubt)).
    pub fn command_timeout(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.options.command_timeout = time.into();
        self
    }

    /// Whether statements are prepared on a connection to a server (default: what the address says, and else yes). Not behind
    /// a pooler that gives each transaction another connection, as PgBouncer does in transaction mode.
    pub fn prepared_statements(mut self, prepare: bool) -> Self {
        self.options.prepared_statements = Some(prepare);
        self
    }

    /// Is told the text of each statement before it runs; values are not part of it.
    pub fn trace(mut self, trace: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.options.trace = Some(Arc::new(trace));
        self
    }

    /// The database. Nothing is opened yet.
    ///
    /// # Errors
    /// When the address is not one, a model contradicts itself, or two models share a table.
    pub fn connect(self) -> Result<Database> {
        let schema = Schema::new();
        for table in self.models {
            let table = table()?;
            // Both sides of a relation name the table of their links.
            if !schema.table(&table.name).is_some_and(|known| Arc::ptr_eq(&known, table)) {
                schema.declare(table.clone())?;
            }
        }
        let engine = Engine::connect(&self.url, Arc::new(schema), Arc::new(Tokio), self.options)?;
        Ok(Database { engine })
    }
}
