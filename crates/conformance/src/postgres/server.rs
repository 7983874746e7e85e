//! The PostgreSQL server that the tests of this process use.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// The environment's word for a server that runs already: `postgresql://user@host/database`.
const VARIABLE: &str = "REPRIEVE_TEST_POSTGRES_URL";

/// The address of the server, which runs as long as this process does.
///
/// # Panics
/// When there is no PostgreSQL on this machine; what to install is on standard error.
pub fn server() -> &'static str {
    static SERVER: LazyLock<Server> = LazyLock::new(Server::find);
    &SERVER.url
}

struct Server {
    url: String,
    /// Holds the other end of the server's standard input, which closes however this process ends.
    _own: Option<Child>,
}

impl Server {
    #[allow(clippy::disallowed_methods, reason = "which server the tests use is the caller's to say")]
    fn find() -> Self {
        match std::env::var(VARIABLE) {
            Ok(url) if !url.is_empty() => Self { url, _own: None },
            _ => Self::start(),
        }
    }

    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/postgres.sh");
        let mut child = Command::new("sh")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("no shell to start PostgreSQL with ({error}): set {VARIABLE}"));
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(!url.is_empty(), "PostgreSQL did not start: standard error says why");
        Self { url: url.trim().to_owned(), _own: Some(child) }
    }
}
