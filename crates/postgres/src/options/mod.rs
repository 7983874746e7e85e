//! Where the server is and how it is spoken to.

mod environment;
mod parameters;
mod url;

pub use environment::Environment;

use reprieve_core::error::{Error, Kind, Result};
use std::fmt;
use std::path::PathBuf;
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
    pub(crate) password: Option<String>,
    pub(crate) database: String,
    pub(crate) application_name: String,
    /// What the server is given as its command line: `-c name=value`.
    pub(crate) options: String,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) keepalive: Option<Duration>,
    pub(crate) session: Session,
    pub(crate) prepared_statements: bool,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Tcp { host: String, port: u16 },
    Unix { directory: PathBuf, port: u16 },
}

/// What kind of server is wanted among several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Session {
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl PostgresOptions {
    /// Reads an address: `postgresql://user:password@host:port/database?parameter=value`, also with `postgres` or any
    /// `+driver` in front; what it does not say is taken from the environment, then from `~/.pgpass`, then as libpq has it.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] for another scheme, an unknown parameter, a value that a parameter cannot have.
    pub fn parse(url: &str, environment: &Environment) -> Result<Self> {
        parameters::Parameters::of_url(url)?.complete(environment)
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
        let mut directory = None;
        for (i, host) in self.hosts.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}")?,
                Host::Tcp { host, port } => write!(f, "{host}:{port}")?,
                Host::Unix { directory: path, port } => {
                    write!(f, ":{port}")?;
                    directory = directory.or(Some(path));
                }
            }
        }
        write!(f, "/{}", self.database)?;
        match directory {
            Some(path) => write!(f, "?host={}", path.display()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresOptions({self})")
    }
}

#[cold]
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Kind::Unavailable, message.into())
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix { directory, port } => {
                write!(f, "{}", directory.join(format!(".s.PGSQL.{port}")).display())
            }
        }
    }
}
