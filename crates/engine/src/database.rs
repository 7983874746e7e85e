//! A database: where it is, what it holds, and the sessions that work on it.

use crate::clock::{Clock, SystemClock};
use crate::pool::{Limits, Pool};
use crate::session::{Gets, Session};
use reprieve_core::driver::{AddressStyle, Capability, Driver, Runtime};
use reprieve_core::error::{Error, Kind, Result};
use reprieve_core::schema::Schema;
use reprieve_core::sql::Compiler;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A database. Cheap to clone; connections are opened when they are needed.
#[derive(Clone)]
pub struct Database {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) schema: Arc<Schema>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) compiler: Compiler,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trace: Option<Trace>,
    pub(crate) gets: Gets,
    pub(crate) command_timeout: Option<Duration>,
    /// Tables that are declared are missing from the database.
    pub(crate) one_by_one: AtomicBool,
}

/// How to connect.
#[derive(Clone)]
pub struct Options {
    /// Connections kept open (default 5).
    pub pool_size: usize,
    /// Connections opened beyond that under load (default 10).
    pub max_overflow: usize,
    /// How long to wait for a free connection (default 30 s).
    pub pool_timeout: Duration,
    /// How long a writer waits for its turn, where one writes at a time (default: the `timeout` of the address, and else
    /// as long as for a connection).
    pub writer_timeout: Option<Duration>,
    /// How the address of a file is read (default: as sqlx does).
    pub address_style: AddressStyle,
    /// How old a connection to a server may be before a fresh one takes its place (default 1 h; `None`: any age).
    pub pool_recycle: Option<Duration>,
    /// Whether a connection to a server that was not used for 10 s is asked whether it is still there before it is used
    /// (default yes). One that the server closed is seen without asking.
    pub pool_pre_ping: bool,
    /// How long the database may take for a statement, or for the beginning or the end of a transaction (default `None`: any
    /// time).
    pub command_timeout: Option<Duration>,
    /// Whether statements are prepared on a connection to a server: not behind a pooler that gives each transaction another
    /// connection (default: what the address says, and else yes). It means nothing for a file.
    pub prepared_statements: Option<bool>,
    /// Where instants come from.
    pub clock: Arc<dyn Clock>,
    /// Is told the text of each statement before it runs; values are not part of it.
    pub trace: Option<Trace>,
}

/// Is told the text of a statement.
pub type Trace = Arc<dyn Fn(&str) + Send + Sync>;

impl Default for Options {
    fn default() -> Self {
        Self {
            pool_size: 5,
            max_overflow: 10,
            pool_timeout: Duration::from_secs(30),
            writer_timeout: None,
            address_style: AddressStyle::default(),
            pool_recycle: Some(Duration::from_secs(3600)),
            pool_pre_ping: true,
            command_timeout: None,
            prepared_statements: None,
            clock: Arc::new(SystemClock),
            trace: None,
        }
    }
}

impl Database {
    /// A database at an address such as `sqlite://app.db`. Nothing is opened yet.
    ///
    /// # Errors
    /// When the address is not one, or no driver speaks its scheme.
    pub fn connect(
        url: &str,
        schema: Arc<Schema>,
        runtime: Arc<dyn Runtime>,
        mut options: Options,
    ) -> Result<Self> {
        let driver = driver(url, runtime.clone(), &mut options)?;
        Ok(Self::with_driver(driver, schema, runtime, options))
    }

    /// A database behind a given driver.
    pub fn with_driver(
        driver: Arc<dyn Driver>,
        schema: Arc<Schema>,
        runtime: Arc<dyn Runtime>,
        options: Options,
    ) -> Self {
        let compiler = Compiler::new(driver.dialect());
        let limits = Limits {
            size: options.pool_size,
            overflow: options.max_overflow,
            timeout: options.pool_timeout,
            writer_timeout: options.writer_timeout.unwrap_or(options.pool_timeout),
            recycle: options.pool_recycle,
            pre_ping: options.pool_pre_ping,
        };
        let pool = Pool::new(driver.clone(), runtime, limits);
        Self {
            inner: Arc::new(Inner {
                driver,
                schema,
                pool,
                compiler,
                clock: options.clock,
                trace: options.trace,
                gets: Gets::default(),
                command_timeout: options.command_timeout,
                one_by_one: AtomicBool::new(false),
            }),
        }
    }

    /// A session on it. Nothing is opened yet.
    ///
    /// # Errors
    /// When the database is closed, the process forked, or the schema contradicts itself.
    pub fn session(&self) -> Result<Session> {
        self.inner.pool.check()?;
        Session::new(self.clone())
    }

    /// Whether this process was forked from the one that made the database, before anything was opened on it: nothing
    /// of the parent would be touched, and whoever has the address may connect anew in its place.
    pub fn is_unused_copy(&self) -> bool {
        self.inner.pool.is_unused_copy()
    }

    /// The tables it holds.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.inner.schema
    }

    /// What it can do.
    pub fn capability(&self) -> Capability {
        self.inner.driver.capability()
    }

    /// Where it is, for people: the password is masked.
    pub fn address(&self) -> String {
        self.inner.driver.address()
    }

    /// Closes its connections; those in use are closed when their sessions end.
    ///
    /// # Errors
    /// When the driver cannot release what it holds.
    pub async fn close(&self) -> Result<()> {
        self.inner.pool.close().await
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Database({})", self.address())
    }
}

/// The driver of an address. What the address says of things that are not the driver's goes into the options.
#[cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(unused_variables, reason = "a driver that is not there has no options")
)]
fn driver(url: &str, runtime: Arc<dyn Runtime>, options: &mut Options) -> Result<Arc<dyn Driver>> {
    let scheme = url.split(':').next().unwrap_or_default();
    let family = scheme.split('+').next().unwrap_or_default();
    match family {
        #[cfg(feature = "sqlite")]
        "sqlite" => {
            let address = reprieve_sqlite::SqliteOptions::parse_as(url, options.address_style)?;
            options.writer_timeout = options.writer_timeout.or(address.patience());
            Ok(Arc::new(reprieve_sqlite::SqliteDriver::new(address, runtime)?))
        }
        #[cfg(feature = "postgres")]
        "postgresql" | "postgres" => {
            use reprieve_postgres::{Environment, PostgresDriver, PostgresOptions};
            let mut address = PostgresOptions::parse(url, &Environment::of_process())?;
            if let Some(prepare) = options.prepared_statements {
                address = address.prepared_statements(prepare);
            }
            Ok(Arc::new(PostgresDriver::new(address, runtime)))
        }
        _ => Err(Error::new(
            Kind::Unavailable,
            // The rest of the address may hold a password, and what is no scheme may be the rest.
            format!(
                "No driver for {} databases: use an address such as {} or \
                 postgresql://user:password@localhost/app",
                match family.bytes().all(|byte| byte.is_ascii_alphanumeric()) && url.contains(':') {
                    true => format!("'{family}'"),
                    false => "such".to_owned(),
                },
                match options.address_style {
                    AddressStyle::Sqlx => "sqlite://app.db",
                    AddressStyle::Sqlalchemy => "sqlite:///./app.db",
                }
            ),
        )),
    }
}
