//! A PgBouncer of the tests' own in front of their server, in transaction mode.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The pooler. It ends with this.
pub(crate) struct Pooler {
    pub(crate) url: String,
    child: Child,
}

impl Pooler {
    /// One that has so many connections of the server, where there is a PgBouncer. What needs one may be passed over where
    /// there is none; CI installs one and takes no excuse.
    #[allow(clippy::disallowed_methods, reason = "what may be passed over is the caller's to say")]
    pub(crate) fn start(server: &str, connections: usize) -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/pooler.sh");
        let mut command = Command::new("sh");
        command.arg(script).args([server, &connections.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        if url.is_empty() {
            // The script's word for it.
            assert_eq!(child.wait().unwrap().code(), Some(3), "standard error says what is wrong");
            assert!(
                std::env::var_os("REPRIEVE_TEST_POOLER").is_none(),
                "there is no pgbouncer on this machine"
            );
            eprintln!("not run: there is no pgbouncer on PATH or in /usr/sbin");
            return None;
        }
        Some(Self { url: url.trim().to_owned(), child })
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
