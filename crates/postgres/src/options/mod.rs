//! Where the server is and how it is spoken to.

mod complete;
mod environment;
mod host;
mod passfile;
mod require_auth;
mod session;
mod settings;
mod ssl;
#[cfg(all(test, unix))]
mod tests;
mod url;

pub use environment::Environment;
pub(crate) use host::{Host, Way};
pub(crate) use require_auth::{Method, RequireAuth};
pub(crate) use session::Session;
pub(crate) use ssl::{ChannelBinding, Roots, Ssl, SslMode};

use reprieve_core::error::{Error, Kind, Result};
use settings::Settings;
use std::fmt;
use std::time::Duration;

/// Where the server is and how it is spoken to.
///
/// ```
/// use reprieve_postgres::{Environment, PostgresOptions};
///
/// let none = Environment::empty();
/// let options = PostgresOptions::parse("postgresql+asyncpg://ann:secret@db.example:5433/blog", &none)?;
/// assert_eq!(options.to_string(), "postgresql://ann:***@db.example:5433/blog");
/// # Ok::<(), reprieve_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresOptions {
    /// Servers, in the order in which they are tried.
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: String,
    /// The password that was given; one of `~/.pgpass` is its host's.
    pub(crate) password: Option<String>,
    pub(crate) database: String,
    pub(crate) application_name: String,
    /// What the server is given as its command line: `-c name=value`.
    pub(crate) options: String,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) keepalive: Option<Duration>,
    pub(crate) session: Session,
    pub(crate) ssl: Ssl,
    pub(crate) require_auth: RequireAuth,
    /// How many prepared statements a connection keeps; none for a pooler that hands out another one for each transaction.
    pub(crate) statements: usize,
    /// Why the file of passwords was not used.
    pub(crate) passfile: Option<String>,
}

impl PostgresOptions {
    /// Reads an address: `postgresql://user:password@host:port/database?parameter=value`, also with `postgres` or any
    /// `+driver` in front. It may name several hosts, and a folder with a socket (`postgresql:///database?host=/folder`).
    /// Parameters are those of libpq; what the address does not say is taken from the variables `PG…`, then from
    /// `~/.pgpass`, then as libpq has it. `prepared_statements=false` is for PgBouncer in transaction mode.
    ///
    /// Source: PostgreSQL's manual, "Database Connection Control Functions" and "The Password File".
    ///
    /// # Errors
    /// [`Kind::Unavailable`] for another scheme, an unknown parameter, a value that a parameter cannot have.
    pub fn parse(url: &str, environment: &Environment) -> Result<Self> {
        let mut settings = Settings::of_url(url)?;
        settings.fill(environment);
        complete::options(&settings, environment)
    }

    /// Whether statements are prepared, whatever the address says; as many are kept as it says, if any.
    #[must_use]
    pub fn prepared_statements(mut self, prepare: bool) -> Self {
        self.statements = match (prepare, self.statements) {
            (false, _) => 0,
            (true, 0) => complete::STATEMENTS,
            (true, kept) => kept,
        };
        self
    }

    /// Whether statements are prepared by name and kept.
    pub(crate) fn prepares(&self) -> bool {
        self.statements > 0
    }
}

/// The address, for people: the password is masked.
impl fmt::Display for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql://{}", self.user)?;
        if self.password.is_some() {
            f.write_str(":***")?;
        }
        f.write_str("@")?;
        let mut folder = None;
        for (i, host) in self.hosts.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            match &host.way {
                Way::Tcp { name, .. } if name.contains(':') => write!(f, "{comma}[{name}]:{}", host.port)?,
                Way::Tcp { name, .. } => write!(f, "{comma}{name}:{}", host.port)?,
                Way::Unix(path) => {
                    write!(f, "{comma}:{}", host.port)?;
                    folder = folder.or(Some(path));
                }
            }
        }
        write!(f, "/{}", self.database)?;
        folder.map_or(Ok(()), |path| write!(f, "?host={}", path.display()))
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresOptions({self})")
    }
}

#[cold]
fn invalid(message: impl Into<String>) -> Error {
    Error::new(Kind::Unavailable, message.into())
}
