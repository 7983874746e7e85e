//! Where the database is and how it is used.

use reprieve_core::driver::AddressStyle;
use reprieve_core::error::{Error, Kind, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the database is and how it is used.
///
/// ```
/// use reprieve_sqlite::SqliteOptions;
///
/// let options = SqliteOptions::parse("sqlite://blog.db?timeout=5")?;
/// assert!(options.path().is_some_and(|path| path == "blog.db"));
/// assert!(SqliteOptions::parse("sqlite::memory:")?.path().is_none());
/// # Ok::<(), reprieve_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    pub(crate) path: Option<PathBuf>,
    pub(crate) timeout: Duration,
    /// The same, when the address or the caller gave it.
    patience: Option<Duration>,
    pub(crate) synchronous: Synchronous,
    pub(crate) budget: Duration,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// A commit survives a crash of the process; a power cut may take back the last commits, never half of one.
    #[default]
    Normal,
    /// A commit also survives a power cut: it waits for the disk, on a blocking thread.
    Full,
}

impl SqliteOptions {
    /// The database in this file, which is made when it does not exist.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self { path: Some(path.as_ref().to_owned()), ..Self::memory() }
    }

    /// A database that lives as long as the driver and its connections do, shared by all of them.
    pub fn memory() -> Self {
        Self {
            path: None,
            timeout: Duration::from_secs(30),
            patience: None,
            synchronous: Synchronous::default(),
            budget: Duration::from_micros(2500),
        }
    }

    /// Reads an address as sqlx does: `sqlite:relative.db`, `sqlite://relative.db`, `sqlite:///absolute.db`; without a path,
    /// or with `:memory:`, in memory. Parameters: `timeout` (seconds to wait for a lock, 30), `synchronous` (`normal` or
    /// `full`), and sqlx's `mode=rwc` and `mode=memory`.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] for another scheme, an unknown parameter, a value that a parameter cannot have.
    pub fn parse(url: &str) -> Result<Self> {
        Self::parse_as(url, AddressStyle::Sqlx)
    }

    /// Reads an address in this style, with any `+driver` after `sqlite`.
    ///
    /// ```
    /// use reprieve_core::driver::AddressStyle;
    /// use reprieve_sqlite::SqliteOptions;
    ///
    /// let options = SqliteOptions::parse_as("sqlite:///blog.db", AddressStyle::Sqlalchemy)?;
    /// assert!(options.path().is_some_and(|path| path == "blog.db"));
    /// # Ok::<(), reprieve_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`SqliteOptions::parse`].
    pub fn parse_as(url: &str, style: AddressStyle) -> Result<Self> {
        if url == ":memory:" {
            return Ok(Self::memory());
        }
        let (scheme, rest) = url.split_once(':').ok_or_else(|| unknown_scheme(url, style))?;
        if scheme != "sqlite" && !scheme.starts_with("sqlite+") {
            return Err(unknown_scheme(url, style));
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = decode(in_style(path, style), url)?;
        let mut options = match path.as_str() {
            "" | "/" | ":memory:" | "/:memory:" => Self::memory(),
            path => Self::file(path),
        };
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            options.set(name, &decode(value, url)?)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match (name, value) {
            ("timeout", seconds) => {
                let seconds = seconds.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
                self.timeout = seconds.ok_or_else(|| {
                    invalid(format!("timeout={value} is not a number of seconds, such as timeout=5"))
                })?;
                self.patience = seconds;
            }
            // sqlx's word for a file that is made when it does not exist, as it always is here.
            ("mode", "rwc") => {}
            ("mode", "memory") => self.path = None,
            ("mode", _) => {
                return Err(invalid(format!(
                    "mode={value} is unknown: a file is opened for reading and writing, and made when it does not \
                     exist (mode=rwc); mode=memory is the other one"
                )));
            }
            ("synchronous", "normal") => self.synchronous = Synchronous::Normal,
            ("synchronous", "full") => self.synchronous = Synchronous::Full,
            ("synchronous", _) => {
                return Err(invalid(format!("synchronous={value} is unknown: use normal or full")));
            }
            _ => {
                return Err(invalid(format!(
                    "the sqlite address has the unknown parameter '{name}': known are timeout, synchronous and mode"
                )));
            }
        }
        Ok(())
    }

    /// How long a statement waits for a lock that another process holds, and a writer for another one of the same
    /// process, before it fails.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        (self.timeout, self.patience) = (timeout, Some(timeout));
        self
    }

    /// How long a writer waits for its turn among those of the same process, if it is said: what waits for the lock
    /// waits no longer for the turn to ask for it.
    pub fn patience(&self) -> Option<Duration> {
        self.patience
    }

    /// What a commit waits for.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How long one read may hold the thread that asks before it lets other tasks run or goes to a blocking
    /// thread: 2.5 ms unless told.
    #[must_use]
    pub fn inline_budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// The file; none when in memory.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

fn invalid(message: String) -> Error {
    Error::new(Kind::Unavailable, message)
}

/// The path behind the scheme. Absolute ones begin with one slash.
fn in_style(path: &str, style: AddressStyle) -> &str {
    let path = path.strip_prefix("//").unwrap_or(path);
    match style {
        AddressStyle::Sqlalchemy => path.strip_prefix('/').unwrap_or(path),
        // A fourth slash is what SQLAlchemy wants of absolute paths.
        AddressStyle::Sqlx if path.starts_with("//") => &path[1..],
        AddressStyle::Sqlx => path,
    }
}

fn unknown_scheme(url: &str, style: AddressStyle) -> Error {
    let scheme = url.split(':').next().unwrap_or_default();
    let forms = match style {
        AddressStyle::Sqlx => "sqlite://file.db, sqlite:///absolute/file.db or sqlite::memory:",
        AddressStyle::Sqlalchemy => "sqlite:///file.db, sqlite:////absolute/file.db or sqlite:///:memory:",
    };
    invalid(format!("'{scheme}' is not the beginning of a SQLite address: write {forms}"))
}

/// Replaces `%20` and the like.
fn decode(text: &str, url: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |i: usize| tail.get(i).and_then(|&b| char::from(b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            (b'%', ..) => {
                return Err(invalid(format!("'{url}' has a '%' without two hexadecimal digits: write %25")));
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(invalid(format!(
            "'{url}' is not UTF-8, or has a NUL character, once its %-escapes are decoded"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: [AddressStyle; 2] = [AddressStyle::Sqlx, AddressStyle::Sqlalchemy];

    #[test]
    fn every_form_of_an_address_names_its_file() {
        for (url, sqlx, sqlalchemy) in [
            ("sqlite:rel.db", "rel.db", "rel.db"),
            ("sqlite://rel.db", "rel.db", "rel.db"),
            ("sqlite:///var/a.db", "/var/a.db", "var/a.db"),
            ("sqlite:////var/a.db", "/var/a.db", "/var/a.db"),
            ("sqlite:/var/a.db", "/var/a.db", "var/a.db"),
            ("sqlite+aiosqlite:///./x.db", "/./x.db", "./x.db"),
            ("sqlite://a%20b%25.db?timeout=1", "a b%.db", "a b%.db"),
            ("sqlite://rel.db?mode=rwc", "rel.db", "rel.db"),
        ] {
            for (style, file) in STYLES.into_iter().zip([sqlx, sqlalchemy]) {
                let options = SqliteOptions::parse_as(url, style).unwrap();
                assert_eq!(options.path, Some(PathBuf::from(file)), "{url} in {style:?}");
            }
        }
    }

    #[test]
    fn no_path_or_memory_is_in_memory() {
        for url in [
            ":memory:",
            "sqlite:",
            "sqlite::memory:",
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite+aiosqlite://:memory:?timeout=1",
            "sqlite://x?mode=memory",
        ] {
            for style in STYLES {
                assert_eq!(SqliteOptions::parse_as(url, style).unwrap().path, None, "{url} in {style:?}");
            }
        }
    }

    #[test]
    fn parameters_are_read() {
        let options = SqliteOptions::parse("sqlite:///x.db?timeout=0.5&synchronous=full").unwrap();
        assert_eq!(options.timeout, Duration::from_millis(500));
        assert_eq!(options.patience(), Some(Duration::from_millis(500)));
        assert_eq!(SqliteOptions::parse("sqlite:///x.db").unwrap().patience(), None);
        assert_eq!(options.synchronous, Synchronous::Full);
    }

    #[test]
    fn what_is_wrong_with_an_address_is_named() {
        for (url, word) in [
            ("postgres://x", "postgres"),
            ("blog.db", "blog.db"),
            ("sqlite:///x.db?cache=shared", "cache"),
            ("sqlite:///x.db?timeout=soon", "soon"),
            ("sqlite:///x.db?timeout=-1", "-1"),
            ("sqlite:///x.db?synchronous=off", "off"),
            ("sqlite:///x.db?mode=ro", "ro"),
            ("sqlite:///x%2.db", "%25"),
            ("sqlite:///x%00.db", "NUL"),
        ] {
            let error = SqliteOptions::parse(url).unwrap_err();
            assert_eq!(error.kind(), Kind::Unavailable);
            assert!(error.to_string().contains(word), "{url}: {error}");
        }
    }
}
